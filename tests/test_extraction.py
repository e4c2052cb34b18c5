"""A row of the table: measures, then cues, rounded, in the order of the columns."""

import numpy as np
import pytest

from xai4ser import cues, extraction, features, voices


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return voices.write_voices(tmp_path_factory.mktemp("v"), (1,), progress=False)


def recordings_of(folder):
    from xai4ser import corpus
    from xai4ser.ravdess import RAVDESS

    return corpus.list_recordings(folder, RAVDESS)[0].iloc[:3]


def test_columns_and_rows_have_the_same_order():
    tone = 0.1 * np.sin(2 * np.pi * 440 * np.arange(22_050) / 22_050)
    tone = tone.astype(np.float32)
    row = extraction.features_of(tone)
    columns = extraction.feature_columns()
    assert len(row) == len(columns) == len(set(columns))
    levels = features.mel_levels(tone)
    repeats = features.repetition(tone)
    measures = features.measure(levels, features.pitch_strength(repeats))
    assert extraction.by_band(row[None])[0] == pytest.approx(measures)
    assert columns[features.BANDS].startswith("ending_")
    assert row[-len(cues.CUES) :] == pytest.approx(cues.cues(tone))


def test_by_band_is_a_view_so_that_what_is_written_there_stands_in_the_row():
    rows = np.zeros((2, len(extraction.feature_columns())), np.float32)
    extraction.by_band(rows)[:, 5, 1] = 7
    assert (rows[:, features.BANDS + 5] == 7).all() and rows.sum() == 14


def test_a_recording_has_a_clean_and_a_noisy_row_that_differ(folder):
    table, failed = extraction.extract(recordings_of(folder), folder, jobs=1)
    assert failed.empty and table["version"].tolist() == ["clean", "noisy"] * 3
    values = table[extraction.feature_columns()].to_numpy()
    assert (np.abs(values[::2] - values[1::2]).mean(axis=1) > 0.5).all()


def test_the_noise_lies_20_db_below_the_sound_and_follows_the_name():
    sound = np.random.default_rng(0).normal(0, 0.1, 22_050).astype(np.float32)
    noise = extraction.add_noise(sound, "a.wav", 20.0) - sound
    ratio = 10 * np.log10(np.mean(sound**2) / np.mean(noise**2))
    assert ratio == pytest.approx(20, abs=0.1)
    again = extraction.add_noise(sound, "a.wav", 20.0)
    other = extraction.add_noise(sound, "b.wav", 20.0)
    assert np.array_equal(again, sound + noise) and not np.array_equal(again, other)


@pytest.mark.training
def test_two_runs_and_any_number_of_cores_give_the_same_table(folder):
    part = recordings_of(folder)
    one, _ = extraction.extract(part, folder, jobs=1)
    two, _ = extraction.extract(part, folder, jobs=2)
    assert one.equals(two)


def test_a_file_that_cannot_be_read_is_named_and_the_others_go_on(folder, tmp_path):
    import shutil

    part = recordings_of(folder)
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / part["path"].iloc[1]).write_bytes(b"")
    table, failed = extraction.extract(part, copy, jobs=1)
    assert len(table) == 4 and failed["file"].tolist() == [part["path"].iloc[1]]


def test_a_copy_in_another_folder_or_format_gets_the_same_noise(folder, tmp_path):
    import soundfile

    path = recordings_of(folder)["path"].iloc[0]
    samples, rate = soundfile.read(folder / path)
    name = path.rsplit("/", 1)[-1].removesuffix(".wav")
    (tmp_path / "elsewhere").mkdir()
    soundfile.write(tmp_path / "elsewhere" / f"{name}.flac", samples, rate)
    here = extraction.rows_of_file(folder, path)
    there = extraction.rows_of_file(tmp_path, f"elsewhere/{name}.flac")
    np.testing.assert_allclose(here, there, atol=1e-3)
