"""The features: each measure on sounds whose answer is known."""

import numpy as np
import pandas as pd
import pytest

from xai4ser import extraction, features

RATE = features.SAMPLING_RATE


def tone(frequency, seconds=1.0, amplitude=0.1):
    time = np.arange(int(seconds * RATE)) / RATE
    return (amplitude * np.sin(2 * np.pi * frequency * time)).astype(np.float32)


def hiss(seconds=1.0, amplitude=0.1):
    generator = np.random.default_rng(1)
    return (amplitude * generator.standard_normal(int(seconds * RATE))).astype("f4")


def measures_of(samples):
    """The row of a sound as a table (bands x measures)."""
    strength = features.pitch_strength(features.repetition(samples))
    measured = features.measure(features.mel_levels(samples), strength)
    return pd.DataFrame(measured, columns=list(features.MEASURES))


def band_at(frequency):
    return int(np.abs(features.band_frequencies() - frequency).argmin())


@pytest.mark.parametrize("frequency", [200, 1000, 4000])
def test_a_tone_is_loudest_in_its_own_band(frequency):
    level = measures_of(tone(frequency))["level"]
    assert abs(int(level.idxmax()) - band_at(frequency)) <= 1


def test_ten_times_the_power_is_ten_decibels_more():
    soft = measures_of(hiss(amplitude=0.01))["level"]
    loud = measures_of(hiss(amplitude=0.01 * np.sqrt(10)))["level"]
    np.testing.assert_allclose(loud - soft, 10, atol=0.01)


def test_silence_around_speech_changes_nothing_much():
    sound = hiss()
    padded = np.concatenate([np.zeros(RATE), sound, np.zeros(2 * RATE)]).astype("f4")
    difference = measures_of(padded)["level"] - measures_of(sound)["level"]
    assert np.abs(difference).max() < 1.5


def test_a_pulsating_sound_moves_and_a_steady_one_does_not():
    time = np.arange(RATE) / RATE
    # 12 dB up and down, twice a second
    pulsating = hiss() * 10 ** (12 * np.sin(2 * np.pi * 2 * time) / 20)
    steady, varying = measures_of(hiss()), measures_of(pulsating.astype("f4"))
    assert varying["swing"].median() > 1.5 * steady["swing"].median()
    assert varying["movement"].median() > 1.2 * steady["movement"].median()


def test_a_fading_sound_ends_softer_than_it_is():
    fading = hiss(seconds=2) * np.logspace(0, -1, 2 * RATE)  # 20 dB down
    measures = measures_of(fading.astype("f4"))
    assert (measures["level"] - measures["ending"]).median() == pytest.approx(8, abs=1)
    steady = measures_of(hiss(seconds=2))
    assert abs((steady["level"] - steady["ending"]).median()) < 1


def test_sounding_is_the_time_above_the_threshold():
    measures = measures_of(np.concatenate([tone(1000, 0.5), hiss(0.5, 1e-4)]))
    assert measures["sounding"][band_at(1000)] == pytest.approx(0.5, abs=0.06)
    assert measures["sounding"][band_at(8000)] < 0.1


def test_a_tone_has_a_pitch_and_hiss_has_none():
    voiced = sum(tone(150 * k, amplitude=0.1 / k) for k in range(1, 20))
    assert np.median(features.pitch_strength(features.repetition(voiced))) > 0.9
    assert (
        np.median(features.pitch_strength(features.repetition(hiss())))
        < features.PITCHED
    )
    measures = measures_of(voiced)
    assert measures["voicing"][band_at(450)] > 80
    assert measures_of(hiss())["voicing"].max() < 20


def test_harmonics_stand_out_from_their_surroundings():
    voiced = sum(tone(250 * k, amplitude=0.1) for k in range(1, 8)) + hiss(1, 0.001)
    low = slice(band_at(200), band_at(1700))
    assert measures_of(voiced)["contrast"][low].median() > 3
    assert measures_of(hiss())["contrast"][low].median() < 6


def test_skewness_is_that_of_scipy_but_for_half_a_decibel():
    from scipy.stats import skew

    levels = np.random.default_rng(0).uniform(-20, 0, (500, features.BANDS))
    spread = levels.std(axis=0)
    expected = skew(levels) * (spread / (spread + 0.5)) ** 3
    measured = features.measure(levels, np.zeros(500))[:, 2]
    np.testing.assert_allclose(measured, expected, rtol=1e-6, atol=1e-9)
    steady = features.measure(np.full((40, features.BANDS), -40.0), np.zeros(40))
    assert np.all(steady[:, 2] == 0)


def test_the_mel_levels_are_librosas():
    import librosa

    sound = hiss()
    power = librosa.feature.melspectrogram(
        y=sound,
        sr=RATE,
        n_fft=features.WINDOW,
        hop_length=features.HOP,
        n_mels=features.BANDS,
        fmin=features.LOWEST,
        fmax=features.HIGHEST,
    )
    np.testing.assert_allclose(features.mel_power(sound), power.T, rtol=1e-4)


def test_band_frequencies_are_the_peaks_of_the_filters():
    frequencies = np.fft.rfftfreq(features.WINDOW, 1 / RATE)
    peaks = frequencies[features.mel_filters().argmax(axis=0)]
    width = frequencies[1]
    assert np.abs(peaks - features.band_frequencies()).max() <= width


@pytest.mark.parametrize(
    ("sound", "word"),
    [
        (np.zeros(1, dtype="f4"), "analysis window"),
        (np.zeros(features.WINDOW - 1, dtype="f4"), "analysis window"),
        (np.zeros(RATE, dtype="f4"), "silent"),
    ],
)
def test_what_cannot_be_described_says_why(sound, word):
    with pytest.raises(ValueError, match=word):
        extraction.features_of(sound)


def test_a_click_and_eight_seconds_are_described():
    click = np.zeros(RATE, dtype="f4")
    click[RATE // 2] = 0.5
    for sound in (click, hiss(seconds=8)):
        assert np.isfinite(extraction.features_of(sound)).all()


def test_a_change_stands_in_the_middle_between_its_two_frames():
    levels = np.full((60, features.BANDS), -20.0)
    levels[30:] = -10.0  # one jump of 10 dB
    for name, reach in (("movement", features.QUICK), ("swing", features.SLOW)):
        frames, values = features.frames_of(levels, np.zeros(60))[name]
        seen = frames[values[:, 0] > 5]
        assert len(seen) == reach and values.max() == 10
        assert seen.mean() == pytest.approx(29.5, abs=0.6)


def test_a_constant_offset_does_not_count_as_repetition():
    sound = hiss()
    plain, shifted = (
        features.pitch_strength(features.repetition(s)) for s in (sound, sound + 0.05)
    )
    assert plain.mean() < 0.5
    repeats = features.repetition(np.full(RATE, 0.1, np.float32))
    assert repeats[20] == pytest.approx(1, abs=0.02)  # it fits itself at every shift
    assert shifted.mean() > plain.mean()
