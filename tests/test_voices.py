"""The stand-in voices: their sound follows the literature, their files RAVDESS."""

import librosa
import numpy as np
import pytest
import soundfile
from scipy.signal import resample_poly

from xai4ser import voices
from xai4ser.corpus import list_recordings
from xai4ser.ravdess import EMOTIONS, RAVDESS, decode

ACTORS = (1, 2, 3, 4)  # two men and two women
SPOKEN_RANGE = 35.0  # dB below the loudest frame at which speech begins and ends


def measure(emotion, actor, intensity="normal", statement=1):
    """What a listener with instruments finds in one recording."""
    samples, rate = voices.speak(emotion, actor, statement, 1, intensity)
    power = librosa.feature.rms(y=samples, frame_length=1920, hop_length=480)[0] ** 2
    loudness = 10 * np.log10(power + 1e-12)  # one value each 10 ms
    spoken = np.flatnonzero(loudness > loudness.max() - SPOKEN_RANGE)
    first, last = spoken[0] * 480, spoken[-1] * 480
    speech = samples[first:last]
    spectrum = np.abs(np.fft.rfft(speech)) ** 2
    frequencies = np.fft.rfftfreq(len(speech), 1 / rate)
    treble = spectrum[(frequencies > 1000) & (frequencies < 5000)].sum()
    bass = spectrum[(frequencies > 50) & (frequencies < 1000)].sum()
    pitch = librosa.yin(
        resample_poly(speech, 1, 6), fmin=65, fmax=700, sr=8000, frame_length=512
    )
    heard = loudness[spoken[0] : spoken[-1]] > loudness.max() - 20
    on_grid = np.linspace(0, len(heard) - 1, len(pitch)).astype(int)
    pitch = pitch[heard[on_grid]]  # only where the voice is strong
    return {
        "pitch": np.median(pitch),  # Hz
        "pitch range": 12
        * np.log2(np.percentile(pitch, 90) / np.percentile(pitch, 20)),
        "ending": 12 * np.log2(np.median(pitch[-8:]) / np.median(pitch)),  # semitones
        "level": 10 * np.log10(np.mean(speech**2)),  # dB
        "brightness": 10 * np.log10(treble / bass),  # dB
        "seconds": len(speech) / rate,
        "before": first / rate,
        "after": (len(samples) - last) / rate,
    }


@pytest.fixture(scope="module")
def measured():
    """Measures of each emotion (neutral normal, the others strong), over actors."""
    return {
        emotion: [
            measure(emotion, actor, "normal" if emotion == "neutral" else "strong")
            for actor in ACTORS
        ]
        for emotion in EMOTIONS
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return voices.write_voices(
        tmp_path_factory.mktemp("voices") / "new", actors=(1, 2), progress=False
    )


# --- the sound follows the literature ----------------------------------------


@pytest.mark.parametrize(
    ("quantity", "more", "less"),
    [
        ("level", "angry", "neutral"),
        ("level", "happy", "neutral"),
        ("level", "neutral", "sad"),
        ("level", "neutral", "calm"),
        ("level", "angry", "surprised"),
        ("brightness", "angry", "neutral"),
        ("brightness", "happy", "neutral"),
        ("brightness", "neutral", "sad"),
        ("brightness", "calm", "sad"),
        ("pitch", "surprised", "neutral"),
        ("pitch", "happy", "neutral"),
        ("pitch", "angry", "neutral"),
        ("pitch", "fearful", "angry"),
        ("pitch", "neutral", "sad"),
        ("pitch range", "surprised", "fearful"),
        ("pitch range", "happy", "sad"),
        ("ending", "surprised", "neutral"),
        ("ending", "surprised", "sad"),
        ("seconds", "sad", "neutral"),
        ("seconds", "disgust", "neutral"),
        ("seconds", "calm", "happy"),
        ("seconds", "neutral", "fearful"),
    ],
)
def test_published_correlates_can_be_measured_in_the_sound(
    measured, quantity, more, less
):
    average = {
        emotion: np.mean([actor[quantity] for actor in measured[emotion]])
        for emotion in (more, less)
    }
    assert average[more] > average[less], average


def test_strong_intensity_exaggerates():
    for actor in ACTORS:
        neutral, normal, strong = (
            measure("neutral", actor),
            measure("angry", actor),
            measure("angry", actor, "strong"),
        )
        assert neutral["level"] < normal["level"] < strong["level"]


def test_men_have_lower_voices_than_women():
    pitch = {actor: voices.actor_voice(actor)["pitch"] for actor in range(1, 25)}
    assert max(pitch[actor] for actor in range(1, 25, 2)) < 150
    assert min(pitch[actor] for actor in range(2, 25, 2)) > 170


def test_pitch_in_the_sound_is_that_of_the_actor(measured):
    for actor, found in zip(ACTORS, measured["neutral"], strict=True):
        expected = voices.actor_voice(actor)["pitch"]
        assert found["pitch"] == pytest.approx(expected, rel=0.2)


def test_recordings_begin_and_end_in_silence(measured):
    for found in (found for actors in measured.values() for found in actors):
        assert 0.5 < found["before"] < 1.4
        assert 0.5 < found["after"] < 1.4
        assert 1.0 < found["seconds"] < 3.0


def test_vowels_have_their_formants():
    """Energy near the formants of "ee" in `IH`, and not in the valley between."""
    white = np.random.default_rng(0).standard_normal(voices.FRAME * 200)
    formants = np.tile(voices.PHONEMES["IH"].formants, (200, 1)).astype(float)
    heard = voices.vocal_tract(white, formants, scale=1.0)
    spectrum = np.abs(np.fft.rfft(heard)) ** 2
    frequencies = np.fft.rfftfreq(len(heard), 1 / voices.SAMPLING_RATE)

    def level(hertz):
        return 10 * np.log10(spectrum[np.abs(frequencies - hertz) < 60].mean())

    first, second, _ = voices.PHONEMES["IH"].formants
    assert level(first) > level(1100) + 10
    assert level(second) > level(1100) + 10


# --- how the voices are made -------------------------------------------------


def test_every_emotion_has_a_profile():
    assert tuple(voices.EMOTION_PROFILES) == EMOTIONS


def test_exaggeration_multiplies_changes_and_leaves_neutral_alone():
    neutral, sad = voices.EMOTION_PROFILES["neutral"], voices.EMOTION_PROFILES["sad"]
    assert neutral.exaggerated(2) == neutral
    assert sad.exaggerated(2).level == 2 * sad.level
    assert sad.exaggerated(2).tempo_ratio == sad.tempo_ratio**2


def test_same_arguments_same_samples():
    first, rate = voices.speak("happy", 2, 2, 1, "strong")
    again, _ = voices.speak("happy", 2, 2, 1, "strong")
    assert rate == 48_000
    assert first.dtype == np.float32 and first.ndim == 1
    assert np.array_equal(first, again)


@pytest.mark.parametrize(
    "other",
    [
        ("sad", 2, 1, 1, "normal"),
        ("happy", 4, 1, 1, "normal"),
        ("happy", 2, 2, 1, "normal"),
        ("happy", 2, 1, 2, "normal"),
        ("happy", 2, 1, 1, "strong"),
    ],
)
def test_every_argument_changes_the_sound(other):
    samples, _ = voices.speak("happy", 2)
    changed, _ = voices.speak(*other)
    shorter = min(len(samples), len(changed))
    assert not np.allclose(samples[:shorter], changed[:shorter], atol=1e-3)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("bored", 1), "neutral, calm, happy"),
        (("happy", 25), "1, 2, 3"),
        (("happy", 1, 3), "1, 2"),
        (("happy", 1, 1, 0), "1, 2"),
        (("happy", 1, 1, 1, "loud"), "normal, strong"),
        (("neutral", 1, 1, 1, "strong"), "intensity='normal'"),
    ],
)
def test_errors_name_the_remedy(arguments, named):
    with pytest.raises(ValueError, match=named):
        voices.speak(*arguments)


# --- the folder --------------------------------------------------------------


def test_layout_counts_and_names_are_those_of_ravdess(folder):
    files = sorted(folder.rglob("*.wav"))
    assert len(files) == 120
    for file in files:
        assert file.parent.name == f"Actor_{decode(file.name)['actor']:02d}"
    table, *_ = list_recordings(folder, RAVDESS)
    per_emotion = table[table["actor"] == 1]["emotion"].value_counts()
    assert per_emotion["neutral"] == 4
    assert (per_emotion.drop("neutral") == 8).all() and len(per_emotion) == 8


def test_files_are_whole_and_at_a_safe_level(folder):
    assert not [path for path in folder.rglob("*") if ".part" in path.name]
    for file in folder.rglob("*.wav"):
        about = soundfile.info(file)
        assert (about.samplerate, about.channels) == (48_000, 1)
        assert about.subtype == "PCM_16"
        assert 2.7 <= about.duration <= 5.0
        samples, _ = soundfile.read(file)
        assert 0.01 < np.abs(samples).max() <= 0.9


def test_a_file_holds_what_speak_returns(folder):
    saved, _ = soundfile.read(folder / "Actor_02" / "03-01-05-02-01-02-02.wav")
    spoken, _ = voices.speak("angry", 2, 1, 2, "strong")
    assert np.abs(saved - spoken).max() < 1e-4  # 16 bit


def test_readme_says_that_nobody_speaks(folder):
    text = (folder / "README.txt").read_text(encoding="utf-8")
    assert "not RAVDESS" in text and "No person speaks" in text


def test_second_call_keeps_files_and_makes_missing_ones(folder):
    kept = folder / "Actor_01" / "03-01-01-01-01-01-01.wav"
    lost = folder / "Actor_01" / "03-01-01-01-01-02-01.wav"
    time_of_kept, bytes_of_lost = kept.stat().st_mtime_ns, lost.read_bytes()
    lost.unlink()
    voices.write_voices(folder, actors=(1, 2), progress=False)
    assert kept.stat().st_mtime_ns == time_of_kept
    assert lost.read_bytes() == bytes_of_lost


def test_other_recordings_are_never_mixed_with_voices(tmp_path):
    (tmp_path / "Actor_01").mkdir()
    (tmp_path / "Actor_01" / "03-01-01-01-01-01-01.wav").write_bytes(b"real")
    with pytest.raises(FileExistsError, match="another folder"):
        voices.write_voices(tmp_path, progress=False)
    assert len(list(tmp_path.rglob("*.wav"))) == 1


def test_an_unknown_actor_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match="actor"):
        voices.write_voices(tmp_path / "new", actors=(1, 30), progress=False)
    assert not (tmp_path / "new").exists()


# --- the second cast -----------------------------------------------------------


def test_the_second_cast_differs_in_what_it_should():
    assert set(voices.OTHER_CAST.values()).isdisjoint(ACTORS)
    with pytest.raises(ValueError, match="neutral, happy, sad"):
        voices.speak_elsewhere("calm", "ada")
    with pytest.raises(ValueError, match="ada, ben"):
        voices.speak_elsewhere("bored", "26")
    for emotion in ("sad", "angry"):  # all takes have one level
        samples, rate = voices.speak_elsewhere(emotion, "ben", 2, 2)
        again, _ = voices.speak_elsewhere(emotion, "ben", 2, 2)
        assert rate == 48_000 and np.array_equal(samples, again)
        level = 10 * np.log10(np.mean(samples**2))
        # a take whose peak would be clipped is up to 2 dB softer
        assert level == pytest.approx(voices.BROADCAST_LEVEL - 1, abs=1.1)


def test_the_second_cast_is_not_mixed_with_recordings(tmp_path):
    (tmp_path / "happy").mkdir()
    (tmp_path / "happy" / "somebody.wav").write_bytes(b"real")
    with pytest.raises(FileExistsError, match="delete this folder"):
        voices.write_other_voices(tmp_path, progress=False)


# --- can the voices stand in? --------------------------------------------------


@pytest.mark.training
def test_emotions_can_be_told_apart_on_an_unheard_actor_but_not_perfectly():
    """A linear classifier on mean spectra: well above chance, well below 1."""
    from sklearn.linear_model import RidgeClassifier

    takes = [
        (emotion, actor, statement, 1, intensity)
        for actor in range(1, 7)
        for emotion in EMOTIONS
        for intensity in ("normal", "strong")[: 1 if emotion == "neutral" else 2]
        for statement in (1, 2)
    ]
    levels = np.array([mel_levels(*take) for take in takes])  # (recordings, bands)
    emotions = np.array([take[0] for take in takes])
    actors = np.array([take[1] for take in takes])
    right = []
    for held_out in range(1, 7):
        train, test = actors != held_out, actors == held_out
        model = RidgeClassifier(alpha=100).fit(levels[train], emotions[train])
        right.extend(model.predict(levels[test]) == emotions[test])
    assert 0.3 < np.mean(right) < 0.9  # chance is 0.13


def mel_levels(*take):
    samples, _ = voices.speak(*take)
    mel = librosa.feature.melspectrogram(
        y=resample_poly(samples, 1, 3), sr=16_000, n_fft=512, n_mels=32
    )
    power = mel.sum(axis=0)
    spoken = mel[:, power > power.max() / 10 ** (SPOKEN_RANGE / 10)]
    return (10 * np.log10(spoken + 1e-10)).mean(axis=1)
