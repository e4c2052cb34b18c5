"""What students' machines do wrong: each case, and the sentence that it gets.

A case is a line of a table: what is done to the recordings (or the archive, the
tables, the networks, the disk), and a part of what is said. docs/mistakes.md lists
them for instructors.
"""

import ast
import errno
import os
import re
import shutil
import struct
import time
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from made_corpus import NAMES, RATE, small_corpus, tone, write_corpus, write_sound
from xai4ser import archives, audio, files, find, places, voices
from xai4ser.corpus import SYNTHETIC

FIRST = f"Actor_01/{NAMES[0]}.wav"
OTHER = f"Actor_02/{NAMES[3]}.wav"
SONG = "03-02-05-02-01-01-01.wav"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Folder of the corpus of four as it was published."""
    return write_corpus(tmp_path_factory.mktemp("published"))


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A folder data/ of the test's own, which the course takes for its own."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.delenv("RAVDESS_DIR", raising=False)
    monkeypatch.setattr(places, "ROOT", tmp_path)
    monkeypatch.setattr(places, "DATA", folder)
    monkeypatch.setattr(files, "WAITS", (0, 0))
    return folder


@pytest.fixture
def corpus(data, published, tmp_path):
    return small_corpus(tmp_path / "scratch", data)


@pytest.fixture
def few_voices(monkeypatch):
    """Tones for stand-in voices, which take some seconds to make."""
    monkeypatch.setattr(voices, "write_voices", write_corpus)


def copied(published, data):
    return shutil.copytree(published, data / "Ravdess", dirs_exist_ok=True)


# --- one file of the corpus -------------------------------------------------------


def truncate(path):
    path.write_bytes(path.read_bytes()[:2000])


def with_samples(samples, rate=RATE, subtype="PCM_16"):
    return lambda path: write_sound(path, samples, rate, subtype)


def flac_that_ends_early(path):
    write_sound(path.with_suffix(".flac"), tone())
    truncated = path.with_suffix(".flac").read_bytes()[:3000]
    path.with_suffix(".flac").write_bytes(truncated)
    path.unlink()


NO_NUMBER = np.where(np.arange(RATE) == 7, np.nan, 0.1)

# What is done to a recording; what is said of it; is it left out (or used, and named)?
FILES = {
    "empty": (lambda p: p.write_bytes(b""), "is empty", True),
    "truncated": (truncate, "is truncated", True),
    "a letter": (lambda p: p.write_text("Dear all"), "is not a sound file", True),
    "no samples": (with_samples(np.zeros(0)), "holds no samples", True),
    "silent": (with_samples(np.zeros(RATE)), "is silent", True),
    "constant": (with_samples(np.full(RATE, 0.3)), "is silent", True),
    "dither only": (
        with_samples(np.random.default_rng(0).integers(-1, 2, RATE) / 32768),
        "is silent",
        True,
    ),
    "50 ms": (with_samples(tone(seconds=0.05)), "lasts 0.05 s", True),
    "ten minutes": (
        with_samples(np.zeros(8000 * 600), 8000, "PCM_U8"),
        "lasts 600.00 s",
        True,
    ),
    "NaN": (with_samples(NO_NUMBER, RATE, "FLOAT"), "values that are no numbers", True),
    "50 x full scale": (
        with_samples(tone() * 250, RATE, "FLOAT"),
        "times as loud as a file can be",
        True,
    ),
    "500 samples a second": (with_samples(tone(), 500), "samples a second", True),
    "a flac cut short": (flac_that_ends_early, "is damaged", True),
    "another rate": (with_samples(tone(rate=8000), 8000), "not the published", False),
    "another recording": (with_samples(tone(999)), "not the published", False),
}


@pytest.mark.parametrize("case", FILES)
def test_a_bad_file_is_named_and_the_others_are_used(case, corpus, published, data):
    damage, sentence, is_left_out = FILES[case]
    folder = copied(published, data)
    damage(folder / FIRST)
    found = find.recordings(corpus=corpus)
    listed = found.left_out if is_left_out else found.altered
    assert sentence in listed["problem"].iloc[0], listed
    assert NAMES[0] in listed["problem"].iloc[0]
    assert "Copy it again from the archive" in listed["remedy"].iloc[0]
    assert len(found.table) == 4 - is_left_out
    assert not found.complete and sentence in repr(found)
    assert "made_from" in str(found.place.folder)


def test_a_file_that_may_not_be_read_is_named(corpus, published, data, monkeypatch):
    copied(published, data)
    opened = type(data).open

    def refuse(self, *arguments, **options):
        if self.stem == NAMES[0]:
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return opened(self, *arguments, **options)

    monkeypatch.setattr(type(data), "open", refuse)
    found = find.recordings(corpus=corpus)
    assert "cannot be opened (Permission denied)" in found.left_out["problem"].iloc[0]
    assert len(found.table) == 3


# --- folders ----------------------------------------------------------------------


def relayed(layout):
    return lambda published, data: write_corpus(data / "mine", layout=layout)


def as_flac(published, data):
    for path in published.rglob("*.wav"):
        samples, rate = audio.soundfile.read(path, dtype="int16")
        write_sound(data / "flac" / f"{path.stem}.flac", samples, rate)


def linked(published, data):
    (data / "link").symlink_to(published, target_is_directory=True)
    (data / "itself").symlink_to(data, target_is_directory=True)


def doubled(published, data):
    shutil.copytree(published, data / "archive")
    shutil.copytree(published, data / "archive" / "audio_speech_actors_01-24")


def doubled_with_another_above(published, data):
    doubled(published, data)
    write_sound(data / "archive" / FIRST, tone(999))


def doubled_with_an_empty_one_above(published, data):
    doubled(published, data)
    (data / "archive" / FIRST).write_bytes(b"")


def with_strays(published, data):
    folder = copied(published, data)
    for stray in (".DS_Store", f"._{NAMES[0]}.wav", "notes.txt", f"Actor_01/{SONG}"):
        (folder / stray).write_bytes(b"x")


def killed_unpacking_beside(published, data):
    copied(published, data)
    shutil.copytree(published / "Actor_01", data / ".unpacking.part" / "Actor_01")


COMPLETE = {
    "all in one folder": relayed("{1}.wav"),
    "folders in lower case": relayed("actor_{}/{}.wav"),
    "folders by emotion": relayed("by_emotion/{1[6]}{1[7]}/{1}.wav"),
    "endings in capitals": relayed("Actor_{}/{}.WAV"),
    "without loss, as flac": as_flac,
    "a link to a folder, and one to itself": linked,
    "Kaggle's doubled folder": doubled,
    "doubled, the upper of one exchanged": doubled_with_another_above,
    "doubled, the upper of one empty": doubled_with_an_empty_one_above,
    "among other files": with_strays,
    "beside a killed unpacking": killed_unpacking_beside,
}


@pytest.mark.parametrize("case", COMPLETE)
def test_the_corpus_is_known_however_it_is_laid_out(case, corpus, published, data):
    COMPLETE[case](published, data)
    found = find.recordings(corpus=corpus)
    assert found.complete, (found, found.left_out.to_string())
    assert [find.stem(path) for path in found.table["path"]] == list(NAMES)
    assert repr(found).startswith("RAVDESS, complete")
    for path in found.table["path"]:
        assert (found.folder / path).is_file()
        assert (
            audio.fingerprint(found.folder / path) == corpus.checksums[find.stem(path)]
        )
    assert found.file_of(f"Actor_01/{NAMES[0]}.wav").is_file()
    if "exchanged" in case:
        assert "differs from its copy" in found.left_out["problem"].iloc[0]


def stand_ins_among_them(published, data):
    folder = copied(published, data)
    (folder / FIRST).unlink()
    write_sound(folder / "made" / FIRST, tone(777))
    (folder / "made" / "README.txt").write_text(f"{SYNTHETIC}, not RAVDESS.")


def impossible_name(published, data):
    folder = copied(published, data)
    (folder / FIRST).rename(folder / "Actor_01" / "03-01-01-02-01-01-01.wav")


def other_digits(published, data):
    folder = copied(published, data)
    (folder / FIRST).rename(folder / "Actor_01" / "٠٣-01-01-01-01-01-01.wav")


INCOMPLETE = {
    "stand-in voices that fill a gap": (stand_ins_among_them, "3 recordings"),
    "neutral and strong": (impossible_name, "RAVDESS has no strong neutral"),
    "digits of another script": (other_digits, "is not a RAVDESS name"),
    "one actor": (
        lambda p, d: shutil.copytree(p / "Actor_02", d / "Actor_02"),
        "2 recordings of 1 actor,",
    ),
}


@pytest.mark.parametrize("case", INCOMPLETE)
def test_what_is_not_the_corpus_is_not_called_so(case, corpus, published, data):
    arrange, sentence = INCOMPLETE[case]
    arrange(published, data)
    found = find.recordings(corpus=corpus)
    assert not found.complete
    assert found.origin == "RAVDESS" and sentence in repr(found)


def test_a_folder_that_may_not_be_opened_is_named(corpus, data, monkeypatch):
    (data / "closed").mkdir()
    scan = os.scandir

    def refuse(path):
        if str(path).endswith("closed"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert "closed cannot be opened (Permission denied)" in str(
        find.look(corpus=corpus)
    )


# --- archives ---------------------------------------------------------------------


def zipped(path, members, method=zipfile.ZIP_STORED):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def of(published, names=NAMES):
    sounds = {p.stem: p for p in published.rglob("*.wav")}
    return [(f"Actor_{n[-2:]}/{n}.wav", sounds[n].read_bytes()) for n in names]


def spoiled(path, change):
    path.write_bytes(change(path.read_bytes()))


def password(published, data):
    path = zipped(data / "a.zip", of(published))

    def mark(content):
        for start, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            at = content.find(start)
            while at >= 0:
                flags = struct.unpack_from("<H", content, at + offset)[0] | 1
                content = (
                    content[: at + offset]
                    + struct.pack("<H", flags)
                    + content[at + offset + 2 :]
                )
                at = content.find(start, at + 4)
        return content

    spoiled(path, mark)


def damaged(published, data):
    path = zipped(data / "a.zip", of(published))
    spoiled(path, lambda c: c[:3000] + bytes(50) + c[3050:])


def unknown_method(published, data):
    path = zipped(data / "a.zip", of(published))

    def mark(content):
        for start, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
            at = content.find(start)
            while at >= 0:
                content = (
                    content[: at + offset]
                    + struct.pack("<H", 97)
                    + content[at + offset + 2 :]
                )
                at = content.find(start, at + 4)
        return content

    spoiled(path, mark)


def bomb(published, data):
    zeros = bytes(archives.LARGEST + 1)
    content = [(f"{NAMES[0]}.wav", zeros)]
    zipped(data / "a.zip", content, zipfile.ZIP_DEFLATED)


def web_page(published, data):
    (data / "a.zip").write_text("<!DOCTYPE html><html>Please log in</html>")


def songs(published, data):
    zipped(data / "songs.zip", [(f"Actor_01/{SONG}", b"la")])


BAD_ARCHIVES = {
    "truncated": (
        lambda p, d: spoiled(zipped(d / "a.zip", of(p)), lambda c: c[: len(c) // 2]),
        "a.zip is truncated: its end is missing",
    ),
    "empty": (lambda p, d: (d / "a.zip").touch(), "a.zip is empty"),
    "a web page": (web_page, "a.zip is a web page"),
    "no archive at all": (
        lambda p, d: (d / "a.zip").write_text("hello"),
        "a.zip is not a zip file",
    ),
    "a .tar.gz": (
        lambda p, d: (d / "a.tar.gz").write_bytes(b"x"),
        "Unpack it with another program, into data/",
    ),
    "a download that goes on": (
        lambda p, d: (d / "a.zip.crdownload").write_bytes(b"PK"),
        "is an unfinished download",
    ),
    "songs": (songs, "is a song"),
    "password": (password, "a.zip needs a password"),
    "damaged inside": (damaged, "a.zip is damaged at"),
    "packed by an unknown method": (unknown_method, "packed by a method"),
    "a bomb": (bomb, "that is no archive of recordings"),
}


@pytest.mark.parametrize("case", BAD_ARCHIVES)
def test_an_archive_that_is_no_use_says_why(
    case, corpus, published, data, few_voices, monkeypatch
):
    arrange, sentence = BAD_ARCHIVES[case]
    arrange(published, data)
    found = find.recordings(corpus=corpus)
    assert found.origin == "stand-in voices"
    assert sentence in repr(found), repr(found)
    left = {p.name for p in data.rglob("*") if p.is_dir()}
    assert left <= {"stand_in_voices", "Actor_01", "Actor_02", "Ravdess"}
    if case not in ("damaged inside", "packed by an unknown method"):
        assert sentence in str(find.look(corpus=corpus))


GOOD_ARCHIVES = {
    "as published": lambda p, d: zipped(d / "a.zip", of(p)),
    "in capitals": lambda p, d: zipped(d / "A.ZIP", of(p)),
    "doubled": lambda p, d: zipped(
        d / "a.zip", of(p) + [(f"again/{n}", c) for n, c in of(p)]
    ),
    "a smaller one that sorts first": lambda p, d: (
        zipped(d / "a.zip", of(p, NAMES[:1])),
        zipped(d / "b.zip", of(p)),
    ),
    "one archive for each actor": lambda p, d: (
        zipped(d / "a.zip", of(p, NAMES[:2])),
        zipped(d / "b.zip", of(p, NAMES[2:])),
    ),
    "with a copy that differs, last": lambda p, d: zipped(
        d / "a.zip", [*of(p), (f"x/{NAMES[0]}.wav", b"another")]
    ),
    "with a copy that differs, first": lambda p, d: zipped(
        d / "a.zip", [(f"x/{NAMES[0]}.wav", b"another"), *of(p)]
    ),
    "beside one unpacked actor": lambda p, d: (
        shutil.copytree(p / "Actor_01", d / "Actor_01"),
        zipped(d / "a.zip", of(p)),
    ),
    "into a folder that a killed run left": lambda p, d: (
        shutil.copytree(
            p / "Actor_01", d / "Ravdess" / "audio_speech_actors_01-24" / "Actor_01"
        ),
        zipped(d / "a.zip", of(p)),
    ),
    "with a name that leads elsewhere": lambda p, d: zipped(
        d / "a.zip", [(f"../../{n}", c) for n, c in of(p)]
    ),
}


@pytest.mark.parametrize("case", GOOD_ARCHIVES)
def test_an_archive_is_unpacked_once(case, corpus, published, data, monkeypatch):
    GOOD_ARCHIVES[case](published, data)
    looked = find.look(corpus=corpus)
    assert "will be unpacked by notebook 1" in str(looked)
    assert find.recordings(corpus=corpus).complete
    assert not list(data.rglob("*.part"))
    monkeypatch.setattr(archives, "unpack", None)
    assert find.recordings(corpus=corpus).complete  # and not again


# --- RAVDESS_DIR ------------------------------------------------------------------


def one_actor(published, tmp_path):
    """The folder of an actor, whose neighbours must not be looked into."""
    shutil.copytree(published, tmp_path / "home")
    return "home/Actor_01"


def a_file(published, tmp_path):
    (tmp_path / "a.zip").write_bytes(b"")
    return "a.zip"


def synthetic(published, tmp_path):
    write_sound(tmp_path / "made" / FIRST)
    (tmp_path / "made" / "README.txt").write_text(SYNTHETIC)
    return "made/Actor_01"


def an_archive(published, tmp_path):
    zipped(tmp_path / "there" / "a.zip", of(published))
    return "there"


NAMED = {
    "nothing": (lambda p, t: "nowhere", "does not exist"),
    "a file": (a_file, "is a file"),
    "stand-in voices": (synthetic, "holds synthetic voices"),
    "an archive alone": (an_archive, "It holds a.zip: unpack it there"),
    "an empty folder": (lambda p, t: "data", "holds no RAVDESS speech recording"),
}


@pytest.mark.parametrize("case", NAMED)
@pytest.mark.parametrize("place", ["variable", "argument"])
def test_a_named_folder_without_recordings_is_an_error(
    case, place, corpus, published, data, tmp_path, monkeypatch
):
    arrange, sentence = NAMED[case]
    named = arrange(published, tmp_path)
    folder = None
    if place == "variable":
        monkeypatch.setenv("RAVDESS_DIR", named)  # from the top of the repository
    else:
        folder = tmp_path / named
    for ask in (find.look, find.recordings):
        with pytest.raises(OSError, match=sentence) as error:
            ask(folder, corpus=corpus)
        assert "Give the folder that holds Actor_01 to Actor_24" in str(error.value)


def test_only_the_named_folder_is_looked_into(corpus, published, tmp_path, monkeypatch):
    named = one_actor(published, tmp_path)
    monkeypatch.chdir(tmp_path / "home")  # a relative path does not depend on this
    monkeypatch.setenv("RAVDESS_DIR", f'"{named}" ')  # as Windows' set leaves it
    found = find.recordings(corpus=corpus)
    assert set(found.table["actor"]) == {1} and len(found.table) == 2
    assert found.folder == tmp_path / "home" / "Actor_01"


# --- a disk that is full, a folder that may not be written to, another program -------


def refusing(number, times=1000):
    calls = []

    def refuse(*arguments, **options):
        calls.append(arguments)
        if len(calls) <= times:
            raise OSError(number, os.strerror(number))
        return original(*arguments, **options)

    original = os.replace
    return refuse


WRITING = {
    "disk full": (errno.ENOSPC, "Make room on the disk"),
    "read-only": (errno.EROFS, "copy the course to a folder of your own"),
    "open in Excel": (errno.EACCES, "another program has it open. Close it there"),
}


@pytest.mark.parametrize("case", WRITING)
def test_a_file_that_cannot_be_written_says_what_to_do(case, tmp_path, monkeypatch):
    number, sentence = WRITING[case]
    (tmp_path / "table.csv").write_text("old")
    monkeypatch.setattr(files, "WAITS", (0, 0))
    monkeypatch.setattr(os, "replace", refusing(number))
    with pytest.raises(OSError, match=sentence) as error:
        files.write_text(tmp_path / "table.csv", "new")
    assert "table.csv" in str(error.value)
    assert [p.name for p in tmp_path.iterdir()] == ["table.csv"]
    assert (tmp_path / "table.csv").read_text() == "old"


def test_a_scanner_that_lets_go_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "WAITS", (0, 0, 0))
    monkeypatch.setattr(os, "replace", refusing(errno.EACCES, times=2))
    files.write_text(tmp_path / "table.csv", "new")
    assert (tmp_path / "table.csv").read_text() == "new"


def test_data_that_may_not_be_written_to_is_not_a_missing_network(data, monkeypatch):
    def refuse(*arguments, **options):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(files.tempfile, "mkdtemp", refuse)
    for work in (archives.download_archive, lambda: voices.write_voices(data / "v")):
        with pytest.raises(OSError, match="Allow writing there") as error:
            work()
        assert "network" not in str(error.value)


def test_a_disk_too_small_for_an_archive_is_noticed_before(
    corpus, published, data, monkeypatch
):
    path = zipped(data / "a.zip", of(published))
    usage = shutil.disk_usage(data)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10))
    with pytest.raises(OSError, match="Make room on the disk"):
        archives.unpack(path, data / "Ravdess" / "usual", corpus)
    assert not (data / "Ravdess" / "usual").exists()


def test_what_a_killed_run_left_is_removed_and_what_runs_is_not(tmp_path):
    for name, age in ((".old.part", 3600), (".running.part", 1)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "draft").write_text("half")
        then = time.time() - age
        for path in (tmp_path / name / "draft", tmp_path / name):
            os.utime(path, (then, then))
    files.write_text(tmp_path / "note.txt", "whole")
    assert {p.name for p in tmp_path.iterdir()} == {"note.txt", ".running.part"}


def test_two_notebooks_that_unpack_at_once_both_end_well(corpus, published, data):
    path, folder = zipped(data / "a.zip", of(published)), data / "Ravdess" / "usual"
    write = archives._write_member

    def and_another(*arguments):
        shutil.copytree(published, folder, dirs_exist_ok=True)
        return write(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archives, "_write_member", and_another)
        archives.unpack(path, folder, corpus)
    assert find.recordings(corpus=corpus).complete


# --- sounds of one's own ------------------------------------------------------------

OWN = {
    "1e30": (with_samples(tone() * 1e30, RATE, "FLOAT"), "times as loud as a file can"),
    "900 Hz": (with_samples(tone(rate=900), 900), "has only 900 samples a second"),
    "ten minutes": (
        with_samples(np.zeros(8000 * 600), 8000, "PCM_U8"),
        "Use one sentence",
    ),
    "a constant": (with_samples(np.full(RATE, 0.3)), "is silent. Check the microphone"),
}


@pytest.mark.parametrize("case", OWN)
def test_a_sound_of_ones_own_is_refused_with_its_own_remedy(case, tmp_path):
    make, sentence = OWN[case]
    path = tmp_path / "mine.wav"
    make(path)
    for source in (path, path.read_bytes()):
        with pytest.raises(ValueError, match=sentence) as error:
            audio.read_own(source, 22_050, "mine.wav")
        assert "mine.wav" in str(error.value)
        assert "archive" not in str(error.value)


def test_opus_can_be_read_and_is_offered(tmp_path, repo):
    path = tmp_path / "mine.opus"
    audio.soundfile.write(path, tone(rate=48_000), 48_000, "OPUS", format="OGG")
    assert len(audio.read_own(path, 22_050)) > 9000
    panels = (repo / "notebooks" / "course" / "panels.py").read_text("utf-8")
    assert ".opus" in panels


def test_ten_minutes_are_not_decoded_to_be_refused(tmp_path, monkeypatch):
    path = tmp_path / "long.wav"
    write_sound(path, np.zeros(8000 * 600), 8000)
    monkeypatch.setattr(audio.soundfile.SoundFile, "read", None)
    with pytest.raises(ValueError, match="lasts 600"):
        audio.read_sound(path, 22_050)


# --- what is shipped ----------------------------------------------------------------


def test_only_the_whole_corpus_goes_where_lessons_read(corpus, published, data):
    copied(published, data)
    found = find.recordings(corpus=corpus)
    assert found.place == corpus.to_write()
    part = replace(found, table=found.table[:3])
    assert part.place.folder == data / "made_from_RAVDESS"
    flawed = replace(found, altered=found.left_out.reindex([0]))
    assert flawed.place.folder == data / "made_from_RAVDESS"


def said_by_the_code(repo):
    """Every text in the library, the gaps of formatted ones as "{}"."""
    for path in (repo / "notebooks" / "xai4ser").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = (getattr(part, "value", "") for part in node.values)
                yield "".join(p if isinstance(p, str) else "{}" for p in parts)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_the_page_for_instructors_quotes_what_the_code_says(repo):
    page = (repo / "docs" / "mistakes.md").read_text("utf-8")
    quotes = re.findall(r"^\|[^|]+\| \*(.+?)\* \|", page, re.MULTILINE)
    assert len(quotes) > 35
    said = "\n".join(said_by_the_code(repo))
    assert [quote for quote in quotes if quote not in said] == []
