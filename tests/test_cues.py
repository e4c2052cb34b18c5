"""The named cues: what is put into a sound is what they say of it."""

import json

import librosa
import numpy as np
import parselmouth
import pytest

from xai4ser import audio, cues, extraction, features, voices

RATE = features.SAMPLING_RATE


def voice(pitch, seconds: float = 1.2, level: float = 0.1) -> np.ndarray:
    """A buzz with twenty harmonics at ``pitch`` Hz (a number, or one a sample)."""
    count = int(seconds * RATE)
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(pitch, count)) / RATE
    sound = sum(np.sin(k * phase) / k for k in range(1, 21))
    return (level * sound).astype(np.float32)


def spoken(emotion: str) -> np.ndarray:
    """A stand-in voice."""
    sound, rate = voices.speak(emotion, actor=2)
    return librosa.resample(sound, orig_sr=rate, target_sr=RATE)


def cues_of(sound: np.ndarray) -> dict[str, float]:
    return dict(zip(cues.CUES, cues.cues(sound), strict=True))


def padded(*parts, silence: float = 0.3) -> np.ndarray:
    """The parts in a row, with silence around and between them."""
    gap = np.zeros(int(silence * RATE), np.float32)
    return np.concatenate([gap, *(x for part in parts for x in (part, gap))])


@pytest.mark.parametrize("pitch", [90.0, 140.0, 220.0, 330.0, 480.0])
def test_the_pitch_is_that_of_the_voice(pitch):
    found = cues_of(padded(voice(pitch)))
    assert found["pitch"] == pytest.approx(12 * np.log2(pitch / 100), abs=0.2)
    assert found["pitch range"] < 0.3
    assert found["voiced"] > 90


def test_a_rising_voice_ends_above_its_median_and_a_falling_one_below():
    rising = np.geomspace(150, 300, int(1.2 * RATE))
    up, down = cues_of(padded(voice(rising))), cues_of(padded(voice(rising[::-1])))
    assert up["pitch end"] > 3 and down["pitch end"] < -3
    assert up["pitch start"] < -3 and down["pitch start"] > 3
    assert up["pitch range"] == pytest.approx(12 * 0.8, abs=1.5)


def test_loudness_follows_the_gain_and_nothing_else_does():
    sound = spoken("angry")
    soft, loud = cues_of(sound), cues_of(2 * sound)
    for cue in cues.CUES:
        expected = 20 * np.log10(2) if cue == "loudness" else 0
        assert loud[cue] - soft[cue] == pytest.approx(expected, abs=0.15), cue


def test_duration_and_pauses_are_those_of_the_speech():
    one, two = voice(200.0, 0.6), voice(200.0, 0.6)
    found = cues_of(padded(one, two, silence=0.5))
    assert found["duration"] == pytest.approx(1.7, abs=0.12)
    assert found["pauses"] == pytest.approx(0.5, abs=0.12)


def test_noise_has_no_pitch_and_all_its_cues_are_numbers():
    noise = np.random.default_rng(0).normal(0, 0.1, RATE).astype(np.float32)
    found = cues_of(noise)
    assert np.isfinite(list(found.values())).all()
    assert found["voiced"] < 10
    assert found["harmonics"] < cues_of(voice(200.0))["harmonics"] - 5


def test_a_bright_voice_has_the_higher_():
    dull = voice(150.0)
    bright = np.diff(dull, prepend=np.float32(0))  # 6 dB more for each octave
    low, high = cues_of(padded(dull)), cues_of(padded(bright))
    for cue in ("brightness", "alpha ratio"):
        assert high[cue] > low[cue], cue
    assert high["bass"] < low["bass"]


def test_white_noise_at_20_db_moves_the_pitch_little():
    sound = spoken("happy")
    noisy = extraction.add_noise(sound, "name", 20.0)
    clean, disturbed = cues_of(sound), cues_of(noisy)
    assert abs(clean["pitch"] - disturbed["pitch"]) < 0.5
    assert abs(clean["duration"] - disturbed["duration"]) < 0.1
    assert abs(clean["loudness"] - disturbed["loudness"]) < 1.5


def test_repetition_is_the_autocorrelation_of_each_frame():
    sound = padded(voice(180.0))
    repeats = features.repetition(sound)
    window = np.hanning(features.WINDOW + 1)[:-1]
    frame = len(repeats) // 2
    start = frame * features.HOP - features.WINDOW // 2
    part = sound[start : start + features.WINDOW] * window
    spectrum = np.fft.rfft(part, 2 * features.WINDOW)
    frequencies = np.fft.rfftfreq(2 * features.WINDOW, 1 / RATE)
    spectrum[frequencies > features.PITCH_CUT] = 0
    own = np.fft.irfft(np.abs(spectrum) ** 2)
    size = 2 * features.WINDOW
    of_window = np.fft.irfft(
        np.abs(np.fft.rfft(np.hanning(features.WINDOW), size)) ** 2
    )
    periods = features.periods()
    expected = own[periods] / own[0] / (of_window[periods] / of_window[0])
    assert repeats[frame] == pytest.approx(expected, abs=1e-3)


def test_every_cue_has_a_unit_decimals_a_column_and_a_sentence():
    assert list(cues.UNITS) == list(cues.CUES) == list(cues.DECIMALS)
    columns = extraction.feature_columns()[extraction.BAND_FEATURES :]
    assert len(set(columns)) == len(cues.CUES) and " " not in "".join(columns)
    assert all(len(text.split()) >= 4 for text in cues.CUES.values())
    json.dumps(extraction.settings())


def test_the_pitch_agrees_with_praat(recordings):
    """The program that phoneticians use, on twenty recordings, one in 72."""
    gaps = []
    for path in sorted(recordings.rglob("*.wav"))[::72]:
        sound = audio.read_sound(path, RATE)
        low, high = features.PITCH_RANGE
        tracked = parselmouth.Sound(sound.astype(float), RATE).to_pitch_ac(
            time_step=features.HOP / RATE, pitch_floor=low, pitch_ceiling=high
        )
        frequency = tracked.selected_array["frequency"]
        expected = 12 * np.log2(np.median(frequency[frequency > 0]) / cues.REFERENCE)
        gaps.append(abs(cues_of(sound)["pitch"] - expected))
    assert len(gaps) == 20
    assert np.median(gaps) < 0.25 and max(gaps) < 3
