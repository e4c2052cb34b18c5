"""The corpus: names, lists, places, archives and broken files."""

import socket
import time
import zipfile

import numpy as np
import pytest
import soundfile

from xai4ser import corpus

GOOD = "03-01-05-02-01-01-08.wav"


def write_sound(path, seconds=0.5, rate=48_000, channels=1):
    path.parent.mkdir(parents=True, exist_ok=True)
    time_s = np.arange(int(seconds * rate)) / rate
    tone = 0.1 * np.sin(2 * np.pi * 440 * time_s)
    soundfile.write(path, np.tile(tone[:, None], channels), rate, subtype="PCM_16")
    return path


@pytest.fixture
def empty_data(tmp_path, monkeypatch):
    """A data folder of the test's own, and no RAVDESS_DIR."""
    data = tmp_path / "data"
    data.mkdir()
    monkeypatch.delenv("RAVDESS_DIR", raising=False)
    monkeypatch.setattr(corpus, "DATA", data)
    monkeypatch.setattr(corpus, "USUAL_FOLDER", data / "Ravdess" / "usual")
    monkeypatch.setattr(corpus, "STAND_IN_FOLDER", data / "stand_in_voices")
    return data


def test_decode_reads_every_field():
    assert corpus.decode(f"Actor_08/{GOOD}") == {
        "emotion": "angry",
        "intensity": "strong",
        "statement": 1,
        "repetition": 1,
        "actor": 8,
        "sex": "female",
    }


def test_file_name_inverts_decode():
    fields = corpus.decode(GOOD)
    del fields["sex"]
    assert corpus.file_name(**fields) == GOOD


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("03-02-05-02-01-01-08.wav", "song"),
        ("01-01-05-02-01-01-08.wav", "video"),
        ("03-01-09-02-01-01-08.wav", "emotion"),
        ("03-01-05-02-03-01-08.wav", "statement"),
        ("03-01-05-02-01-01-25.wav", "actor"),
        ("anger.wav", "seven"),
        ("03-01-05-02-01-01.wav", "seven"),
        ("03-01-05-02-01-01-8.wav", "seven"),
    ],
)
def test_decode_names_what_is_wrong_and_the_remedy(name, word):
    with pytest.raises(ValueError, match=word) as error:
        corpus.decode(name)
    assert name in str(error.value)
    assert any(remedy in str(error.value) for remedy in ("move it", "Restore"))


def test_list_is_sorted_whole_and_names_what_it_left_out(tmp_path):
    names = [GOOD, "03-01-01-01-02-02-01.wav", "03-01-08-01-01-02-24.wav"]
    for name in names:
        write_sound(tmp_path / f"Actor_{name[18:20]}" / name)
    for stray in (".DS_Store", f"._{GOOD}", "notes.txt", "03-02-03-01-01-01-02.wav"):
        (tmp_path / stray).write_bytes(b"x")
    table, left_out = corpus.list_recordings(tmp_path)
    assert list(table.columns) == corpus.COLUMNS
    assert table["path"].tolist() == sorted(f"Actor_{n[18:20]}/{n}" for n in names)
    assert set(left_out["file"]) == {
        ".DS_Store",
        f"._{GOOD}",
        "notes.txt",
        "03-02-03-01-01-01-02.wav",
    }
    assert left_out["problem"].str.len().min() > 10
    assert left_out["remedy"].str.len().min() > 10


def test_kaggles_double_layout_counts_each_recording_once(tmp_path):
    write_sound(tmp_path / "Actor_08" / GOOD)
    write_sound(tmp_path / "audio_speech_actors_01-24" / "Actor_08" / GOOD)
    found = corpus.find_recordings(tmp_path)
    assert found.table["path"].tolist() == [f"Actor_08/{GOOD}"]


def test_the_argument_wins_over_the_variable_and_the_variable_over_data(
    empty_data, tmp_path, monkeypatch
):
    write_sound(empty_data / "somewhere" / "Actor_08" / GOOD)
    assert corpus.find_recordings().folder == empty_data / "somewhere"
    write_sound(tmp_path / "variable" / "Actor_08" / GOOD)
    monkeypatch.setenv("RAVDESS_DIR", str(tmp_path / "variable"))
    assert corpus.find_recordings().folder == tmp_path / "variable"
    write_sound(tmp_path / "argument" / "Actor_08" / GOOD)
    found = corpus.find_recordings(tmp_path / "argument")
    assert found.folder == tmp_path / "argument"
    assert not found.complete
    assert "incomplete" in repr(found)


@pytest.mark.parametrize("prefix", ["", "audio_speech_actors_01-24/"])
def test_a_zip_below_data_is_unpacked_once(empty_data, tmp_path, prefix):
    sound = write_sound(tmp_path / GOOD)
    with zipfile.ZipFile(empty_data / "archive.zip", "w") as archive:
        archive.write(sound, f"{prefix}Actor_08/{GOOD}")
        archive.write(sound, f"again/Actor_08/{GOOD}")
    found = corpus.find_recordings()
    assert found.folder == corpus.USUAL_FOLDER
    assert found.table["path"].tolist() == [f"Actor_08/{GOOD}"]
    assert not list(corpus.USUAL_FOLDER.parent.glob("unpacking_*"))
    assert corpus.find_recordings().folder == corpus.USUAL_FOLDER


def test_unpacking_never_overwrites(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="Move it away"):
        corpus.unpack(tmp_path / "any.zip", tmp_path / "full")


def test_a_missing_or_empty_folder_is_named(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match="Actor_01 to Actor_24"):
        corpus.find_recordings(tmp_path / "nowhere")
    monkeypatch.setenv("RAVDESS_DIR", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="RAVDESS_DIR"):
        corpus.find_recordings()


def test_without_recordings_the_stand_ins_say_so_and_write_below_data(empty_data):
    found = corpus.find_recordings()
    assert found.origin == "stand-in voices"
    assert not found.complete
    assert "STAND-IN" in found._repr_html_()
    assert empty_data in found.output_folder.parents
    assert set(found.table["emotion"]) == set(corpus.EMOTIONS)


def test_an_unreachable_network_is_noticed_within_ten_seconds(tmp_path, monkeypatch):
    # A server that takes the connection and never answers: the slowest failure.
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setattr(corpus, "ARCHIVE_URL", f"http://127.0.0.1:{port}/a.zip")
        start = time.monotonic()
        with pytest.raises(ConnectionError, match="in a browser"):
            corpus.download_archive(tmp_path)
    assert time.monotonic() - start < 10
    assert not list(tmp_path.glob("*.zip"))


def test_a_download_with_a_wrong_checksum_is_thrown_away(tmp_path, monkeypatch):
    import http.server
    import threading

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"not the archive")

        def log_message(self, *arguments):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/a.zip"
        monkeypatch.setattr(corpus, "ARCHIVE_URL", address)
        with pytest.raises(ConnectionError, match="checksum"):
            corpus.download_archive(tmp_path)
        server.shutdown()
    assert not list(tmp_path.iterdir())


def test_stereo_and_another_rate_are_converted(tmp_path):
    path = write_sound(tmp_path / GOOD, seconds=1, rate=8_000, channels=2)
    samples = audio.read_sound(path, 22_050)
    assert samples.shape == (22_050,)
    assert samples.dtype == np.float32
    # the tone survives: its spectrum peaks at 440 Hz
    assert np.argmax(np.abs(np.fft.rfft(samples))) == 440


def broken(path, kind):
    if kind == "empty":
        path.write_bytes(b"")
    elif kind == "truncated":
        whole = write_sound(path).read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
    elif kind == "not a sound":
        path.write_text("this is a letter, not a recording, however it is named")
    elif kind == "no samples":
        soundfile.write(path, np.zeros((0, 1)), 48_000, subtype="PCM_16")
    return path


@pytest.mark.parametrize("kind", ["empty", "truncated", "not a sound", "no samples"])
def test_a_broken_file_is_named_with_its_remedy(tmp_path, kind):
    path = broken(tmp_path / GOOD, kind)
    with pytest.raises(ValueError, match=kind) as error:
        audio.read_sound(path, 22_050)
    assert GOOD in str(error.value)
    assert "Copy it again" in str(error.value)


def test_the_shipped_list_is_the_real_one(recordings):
    found = corpus.find_recordings(recordings)
    assert found.complete
    counts = found.table["emotion"].value_counts()
    assert counts["neutral"] == 96
    assert set(counts.drop("neutral")) == {192}
