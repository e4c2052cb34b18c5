"""Where the recordings are: look, fetch them, or make stand-in voices.

:func:`look` only looks, and says what it saw and why it did not take it;
:func:`recordings` acts on that. ``make check`` asks the first, notebook 1 the second,
so that both say the same.
"""

import os
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import soundfile

from xai4ser import archives, places, voices
from xai4ser.corpus import Corpus, Recordings, is_synthetic, list_recordings, stem
from xai4ser.ravdess import RAVDESS

VARIABLE = "RAVDESS_DIR"
AT_MOST = 5  # sentences about files that were seen and not taken
FULL_RATE = 22_050  # samples a second, below which the highest bands hold nothing


@dataclass(frozen=True)
class Found:
    """What lies where recordings may lie.

    recordings  those that can be used, or None
    to_unpack   archives that hold recordings which lie nowhere unpacked
    seen        what else was met and why it was not taken, a sentence each

    >>> print(Found(None, (), ("notes.txt is not a sound file.",)))
    stand-in voices, because no recordings were found. notes.txt is not a sound file.
    """

    recordings: Recordings | None
    to_unpack: tuple[Path, ...]
    seen: tuple[str, ...]

    def __str__(self) -> str:
        """What notebook 1 will say, in one line."""
        if self.to_unpack:
            names = " and ".join(path.name for path in self.to_unpack)
            return f"{names} will be unpacked by notebook 1"
        if self.recordings:
            return repr(self.recordings)
        return " ".join(
            ["stand-in voices, because no recordings were found.", *self.seen]
        )


def look(folder=None, corpus: Corpus = RAVDESS) -> Found:
    """What is there; nothing is made, unpacked or fetched.

    A corpus of one's own lies where its description says. Of others, looks into
    ``folder`` alone if it is given, else into the folder that the
    environment variable RAVDESS_DIR names (from the top of the repository, if it is
    not a whole path), else below ``data/``. Raises FileNotFoundError or
    NotADirectoryError, with the remedy, if a folder was named and holds no recording.
    Lesson 1, section 1; ``make check``.

    >>> look("/nowhere")
    Traceback (most recent call last):
    FileNotFoundError: /nowhere, the folder given, does not exist. Give the folder \
that holds Actor_01 to Actor_24.
    """
    if corpus.is_own:
        return _look_into_own(corpus)
    named = os.environ.get(VARIABLE, "").strip().strip("\"'")
    if folder:
        return _look_into_named(Path(folder).expanduser(), "the folder given", corpus)
    if named:
        path = places.ROOT / Path(named).expanduser()
        return _look_into_named(path, f"the folder in {VARIABLE}", corpus)
    return _look_into(places.DATA, corpus)


def recordings(
    folder=None, download: bool = False, corpus: Corpus = RAVDESS
) -> Recordings:
    """The recordings, from the first of these places that has them.

    1. ``folder``, if given; 2. the folder named by the environment variable
    RAVDESS_DIR; 3. anything below ``data/`` that is named as in the corpus, also in a
    ``.zip``, which is unpacked to ``corpus.recordings_folder``; 4. if ``download`` is
    true, Zenodo (208 MB); 5. stand-in voices, synthesised on the spot. Those of a
    corpus of one's own are read where its description says, and never stood in for.

    Raises FileNotFoundError or NotADirectoryError if a folder was named and holds no
    recording, ConnectionError if a download failed, and OSError, with the remedy, if
    ``data/`` cannot be written to. Lessons 1, 3 and 5.

    >>> found = recordings()  # doctest: +SKIP
    >>> found.table.shape, found.complete  # doctest: +SKIP
    ((1440, 7), True)
    """
    found = look(folder, corpus)
    if corpus.is_own:
        return found.recordings
    if download and not found.recordings and not found.to_unpack:
        archives.download_archive(places.DATA)
        found = look(folder, corpus)
    if found.to_unpack:
        failed = _unpack(found.to_unpack, corpus)
        found = look(folder, corpus)
        found = replace(found, seen=(*failed, *found.seen))
    if found.recordings:
        return replace(found.recordings, seen=found.seen)
    return replace(stand_in_recordings(), seen=found.seen)


def recordings_of(actors, corpus: Corpus = RAVDESS) -> Recordings:
    """The recordings, if one of ``actors`` is there in full; else stand-in voices.

    For a lesson that needs recordings which the network was not trained on. Lesson 5.

    >>> recordings_of((5, 19, 20, 22)).table["actor"].nunique()  # doctest: +SKIP
    24
    """
    found = recordings(corpus=corpus)
    if corpus.is_own:
        return found
    counts = found.table["actor"].value_counts().reindex(list(actors)).fillna(0)
    in_full = corpus.size // len(corpus.speakers)
    if counts.max() >= in_full or found.origin != corpus.name:
        return found
    said = (
        f"Of the actors {', '.join(map(str, actors))}, whom the network never heard, "
        "nobody is here in full."
    )
    return replace(stand_in_recordings(), seen=(said, *found.seen))


def stand_in_folder() -> Path:
    """Where the stand-in voices lie.

    >>> places.short(stand_in_folder())
    'data/stand_in_voices'
    """
    return places.DATA / "stand_in_voices"


def stand_in_recordings() -> Recordings:
    """Synthetic voices in the layout of RAVDESS, made now if not yet there.

    >>> stand_in_recordings().origin  # doctest: +SKIP
    'stand-in voices'
    """
    folder = stand_in_folder()
    voices.write_voices(folder)
    table, left_out, _ = list_recordings(folder, replace(RAVDESS, checksums={}))
    left_out = left_out[left_out["file"] != "README.txt"].assign(
        remedy=f"Delete the folder {places.short(folder)}; it is made again."
    )
    return Recordings(RAVDESS, folder, "stand-in voices", table, left_out)


def _look_into_named(folder: Path, origin: str, corpus: Corpus) -> Found:
    remedy = "Give the folder that holds Actor_01 to Actor_24."
    if folder.is_file():
        raise NotADirectoryError(f"{folder}, {origin}, is a file. {remedy}")
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}, {origin}, does not exist. {remedy}")
    if any(map(is_synthetic, (folder, *folder.parents))):
        raise FileNotFoundError(
            f"{folder}, {origin}, holds synthetic voices, not recordings. {remedy}"
        )
    found = _look_into(folder, corpus)
    seen = " ".join(found.seen)
    if found.to_unpack:
        names = " and ".join(path.name for path in found.to_unpack)
        seen = f"It holds {names}: unpack it there, or put it into data/. {seen}"
    if not found.recordings:
        raise FileNotFoundError(
            f"{folder}, {origin}, holds no {corpus.name} speech recording. {seen} "
            f"{remedy}".replace("  ", " ")
        )
    return replace(found, to_unpack=(), seen=(seen,) if seen else ())


def _look_into_own(corpus: Corpus) -> Found:
    """The recordings of a corpus of one's own, and what their files are like."""
    folder, home = corpus.recordings_folder, corpus.home.folder
    made = (corpus.home.recordings, corpus.home.features, corpus.home.models)

    def skip(path):
        described = path.parent == home and path.suffix in (".toml", ".csv", ".md")
        return path in made or described

    table, left_out, altered = list_recordings(folder, corpus, skip)
    if table.empty:
        said = " ".join(f"{r.problem}. {r.remedy}" for r in left_out[:1].itertuples())
        raise FileNotFoundError(
            f"{places.short(folder)} holds no recording of {corpus.name} that can be "
            f"used. {said}".strip()
        )
    seen = _about_rates(folder, table)
    found = Recordings(corpus, folder, corpus.name, table, left_out, altered, seen)
    return Found(found, (), seen)


def _about_rates(folder: Path, table: pd.DataFrame) -> tuple[str, ...]:
    """A sentence about sampling rates and channels, if they are mixed."""
    infos = [soundfile.info(folder / path) for path in table["path"]]
    rates = pd.Series([info.samplerate for info in infos], name="rate")
    stereo = sum(info.channels > 1 for info in infos)
    said = []
    if stereo:
        said.append(f"{stereo} recordings have several channels, which are averaged.")
    if rates.nunique() > 1:
        counts = rates.value_counts().sort_index()
        listed = ", ".join(f"{rate} Hz ({count})" for rate, count in counts.items())
        said.append(
            f"Sampling rates are mixed: {listed}. All are converted, but above half of "
            "its rate a recording holds nothing."
        )
        of_emotion = rates.groupby(table["emotion"].to_numpy()).agg(set)
        if of_emotion.map(frozenset).nunique() > 1:
            said.append(
                "They differ from emotion to emotion, so the network can tell emotions "
                "by the recorder: convert all to the lowest rate."
            )
    elif rates.iloc[0] < FULL_RATE:
        said.append(
            f"All have {rates.iloc[0]} samples a second: there is nothing above "
            f"{rates.iloc[0] // 2} Hz."
        )
    return tuple(said)


def _look_into(folder: Path, corpus: Corpus) -> Found:
    """What lies below ``folder``: recordings, archives, and what is of no use."""
    table, left_out, altered = list_recordings(folder, corpus, places.is_made)
    archives_here = [f for f in left_out["file"] if archives.is_archive(Path(f))]
    here = {stem(path) for path in (*table["path"], *left_out["file"])}
    to_unpack, said = _archives_to_unpack(
        [folder / path for path in archives_here], here, corpus
    )
    left_out = left_out[~left_out["file"].isin(archives_here)]
    if table.empty:
        seen = [f"{row.problem}. {row.remedy}" for row in left_out.itertuples()]
        more = len(said) + len(seen) - AT_MOST
        seen = [*said, *seen][:AT_MOST]
        seen += [f"And {more} further files."] if more > 0 else []
        if seen:
            seen[0] = f"Seen in {places.short(folder)}: {seen[0]}"
        return Found(None, to_unpack, tuple(seen))
    found = _from_common_folder(folder, corpus, table, left_out, altered)
    return Found(found, to_unpack, tuple(said))


def _archives_to_unpack(paths, here: set[str], corpus: Corpus):
    """Archives with recordings that are not ``here``, and what is wrong with others.

    The fullest comes first, so that a small archive never hides it.
    """
    contents, said = {}, []
    for path in paths:
        try:
            inside = archives.members(path, corpus)
            contents[path] = {stem(Path(info.filename).name) for info in inside}
        except archives.BadArchive as error:
            said.append(str(error))
    to_unpack = []
    for path in sorted(contents, key=lambda p: -len(contents[p])):
        if contents[path] - here:
            to_unpack.append(path)
            here = here | contents[path]
    return tuple(to_unpack), said


def _from_common_folder(folder, corpus, table, left_out, altered) -> Recordings:
    """The recordings as listed from the deepest folder that holds all of them."""
    parents = {Path(path).parent.as_posix() for path in table["path"]}
    common = os.path.commonpath(parents)
    prefix = f"{common}/" if common not in ("", ".") else ""
    table = table.assign(path=table["path"].str.removeprefix(prefix))
    altered = altered.assign(file=altered["file"].str.removeprefix(prefix))
    return Recordings(corpus, folder / common, corpus.name, table, left_out, altered)


def _unpack(paths, corpus: Corpus) -> list[str]:
    """Unpack archives; returns a sentence about each that is damaged inside."""
    failed = []
    for path in paths:
        folder = corpus.recordings_folder
        if folder.exists() and any(folder.iterdir()):
            folder = folder.with_name(f"from_{path.stem}")
        try:
            archives.unpack(path, folder, corpus)
        except (archives.BadArchive, FileExistsError) as error:
            failed.append(str(error))
    return failed
