"""RAVDESS: its names, its folds, the list of what was published, its download."""

import http.server
import socket
import threading
import time

import numpy as np
import pytest

from made_corpus import write_sound
from xai4ser import archives, audio, corpus, find, places
from xai4ser.ravdess import ACTORS, EMOTIONS, INTENSITIES, RAVDESS, decode, file_name

GOOD = "03-01-05-02-01-01-08.wav"


def test_decode_reads_every_field():
    assert decode(f"Actor_08/{GOOD}") == {
        "emotion": "angry",
        "intensity": "strong",
        "statement": 1,
        "repetition": 1,
        "actor": 8,
        "sex": "female",
    }


def test_file_name_inverts_decode():
    fields = decode(GOOD)
    del fields["sex"]
    assert file_name(**fields) == GOOD


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("03-02-05-02-01-01-08.wav", "song"),
        ("01-01-05-02-01-01-08.wav", "video"),
        ("03-01-09-02-01-01-08.wav", "emotion"),
        ("03-01-05-02-03-01-08.wav", "statement"),
        ("03-01-05-02-01-01-25.wav", "actor"),
        ("03-01-01-02-01-01-08.wav", "no strong neutral"),
        ("anger.wav", "seven"),
        ("03-01-05-02-01-01.wav", "seven"),
        ("03-01-05-02-01-01-8.wav", "seven"),
    ],
)
def test_decode_names_what_is_wrong_and_the_remedy(name, word):
    with pytest.raises(ValueError, match=word) as error:
        decode(name)
    assert name in str(error.value)
    assert any(remedy in str(error.value) for remedy in ("move it", "Restore"))


@pytest.mark.training
def test_an_unreachable_network_is_noticed_within_ten_seconds(tmp_path, monkeypatch):
    # A server that takes the connection and never answers: the slowest failure.
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setattr(archives, "ARCHIVE_URL", f"http://127.0.0.1:{port}/a.zip")
        start = time.monotonic()
        with pytest.raises(ConnectionError, match="in a browser"):
            archives.download_archive(tmp_path)
    assert time.monotonic() - start < 10
    assert not list(tmp_path.glob("*.zip"))


def test_a_download_with_a_wrong_checksum_is_thrown_away(tmp_path, monkeypatch):
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
        monkeypatch.setattr(archives, "ARCHIVE_URL", address)
        with pytest.raises(ConnectionError, match="checksum"):
            archives.download_archive(tmp_path)
        server.shutdown()
    assert not list(tmp_path.iterdir())


def test_stereo_and_another_rate_are_converted(tmp_path):
    times = np.arange(8000) / 8000
    tone = 0.1 * np.sin(2 * np.pi * 440 * times)
    path = write_sound(tmp_path / GOOD, np.column_stack([tone, tone]), 8000)
    samples = audio.read_sound(path, 22_050)
    assert samples.shape == (22_050,)
    assert samples.dtype == np.float32
    # the tone survives: its spectrum peaks at 440 Hz
    assert np.argmax(np.abs(np.fft.rfft(samples))) == 440


def test_the_list_of_checksums_names_each_recording_there_can_be():
    names = {
        corpus.stem(file_name(emotion, intensity, statement, repetition, actor))
        for emotion in EMOTIONS
        for intensity in INTENSITIES[: 1 if emotion == "neutral" else 2]
        for statement in (1, 2)
        for repetition in (1, 2)
        for actor in ACTORS
    }
    assert set(RAVDESS.checksums) == names and len(names) == RAVDESS.size


def test_a_list_of_checksums_that_is_gone_names_the_remedy(tmp_path):
    with pytest.raises(FileNotFoundError, match="git checkout"):
        corpus.read_checksums(tmp_path / "gone.csv")


def test_every_actor_is_held_out_exactly_once():
    held_out = [actor for actors in RAVDESS.folds for actor in actors]
    assert sorted(held_out) == list(ACTORS) == list(RAVDESS.speakers)


def test_nothing_is_made_by_looking(tmp_path, monkeypatch):
    monkeypatch.delenv("RAVDESS_DIR", raising=False)
    monkeypatch.setattr(places, "DATA", tmp_path)
    found = find.look()
    assert found.recordings is None and "stand-in voices" in str(found)
    assert not list(tmp_path.iterdir())


@pytest.mark.training
def test_without_recordings_the_stand_ins_say_so_and_write_below_data(
    tmp_path, monkeypatch
):
    monkeypatch.delenv("RAVDESS_DIR", raising=False)
    monkeypatch.setattr(places, "DATA", tmp_path)
    found = find.recordings()
    assert found.origin == "stand-in voices"
    assert not found.complete
    assert "STAND-IN" in found._repr_html_()
    assert tmp_path in found.place.features.parents
    assert set(found.table["emotion"]) == set(EMOTIONS)
    assert found.left_out.empty and found.altered.empty
    assert not list(tmp_path.rglob("*.part"))


def test_a_lesson_that_needs_unheard_actors_gets_them_or_voices(tmp_path, monkeypatch):
    some = file_name("sad", "normal", 1, 1, 5)
    write_sound(tmp_path / "Actor_05" / some)
    monkeypatch.delenv("RAVDESS_DIR", raising=False)
    monkeypatch.setattr(places, "DATA", tmp_path)
    monkeypatch.setattr(find.voices, "write_voices", lambda f: write_sound(f / some))
    found = find.recordings_of((5, 19, 20, 22))
    assert found.origin == "stand-in voices"
    assert "nobody is here in full" in repr(found)


def test_the_published_recordings_are_known(recordings):
    found = find.recordings(recordings)
    assert found.complete and found.left_out.empty
    counts = found.table["emotion"].value_counts()
    assert counts["neutral"] == 96
    assert set(counts.drop("neutral")) == {192}
    assert found.place == RAVDESS.to_write()
