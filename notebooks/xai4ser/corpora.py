"""Recordings of one's own as a corpus: its description, and what follows from it.

A folder of recordings becomes a corpus by a file ``corpus.toml`` in it, which says how
a path tells the emotion and the speaker. :func:`read` makes a
:class:`~xai4ser.corpus.Corpus` of it; :func:`describe` writes the file for a folder
whose names it understands. The naming schemes of published corpora are described, in
the same form, in ``schemes/``. docs/own_recordings.md shows all of it.
"""

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from xai4ser import audio, files, naming, places, split
from xai4ser.corpus import Corpus
from xai4ser.places import DESCRIPTION, Place, short
from xai4ser.ravdess import RAVDESS

SCHEMES = Path(__file__).with_name("schemes")
NEEDED = ("name", "recordings", "emotions")
KNOWN_KEYS = {*NEEDED, "pattern", "table", "speakers", "licence", "cite", "words"}
UNKNOWN = "unknown"  # speakers = "unknown": nobody knows who speaks
FEW = 10  # recordings of an emotion, below which its recall says little


class BadDescription(ValueError):
    """A description that cannot be used; the message says why, and the remedy."""


# --- reading ------------------------------------------------------------------


def read(folder: Path | str) -> Corpus:
    """The corpus that ``folder`` holds, as its ``corpus.toml`` describes it.

    ``folder`` may also be given from the top of the repository, such as
    "data/my_voices". Tables, networks and predictions of it lie beside the
    description. Raises FileNotFoundError, NotADirectoryError or BadDescription, a
    ValueError, each with the remedy. What can be used although it is not as it should
    be stands in the corpus' ``notes``. Lessons 1 to 3, section 0; lesson 6.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name in ("happy/anna_1.wav", "sad/anna_1.wav", "sad/ben_1.wav"):
    ...     path = folder / name
    ...     path.parent.mkdir(exist_ok=True)
    ...     path.touch()
    >>> text = '''name = "Mine"
    ... recordings = "."
    ... pattern = '(?P<emotion>[a-z]+)/(?P<speaker>[a-z]+)_'
    ... emotions = ["happy", "sad"]'''
    >>> _ = files.write_text(folder / "corpus.toml", text)
    >>> corpus = read(folder)
    >>> corpus.speakers, corpus.decode("sad/ben_1.wav")
    (('anna', 'ben'), {'emotion': 'sad', 'actor': 'ben'})
    """
    folder = _folder(folder)
    file = folder / DESCRIPTION
    if not file.is_file():
        raise FileNotFoundError(
            f"{short(folder)} holds no {DESCRIPTION}, the description of its "
            f'recordings. Write one with corpora.describe("{folder.as_posix()}").'
        )
    if folder.resolve() in (places.ROOT, places.DATA):
        raise BadDescription(
            f"{DESCRIPTION} lies in {short(folder)}, which is the course's own folder. "
            "Give your recordings a folder of their own, such as data/my_voices."
        )
    return _corpus(_parsed(file), folder)


def _folder(folder: Path | str) -> Path:
    given = Path(folder).expanduser()
    given = given.parent if given.name == DESCRIPTION else given
    found = given if given.exists() else places.ROOT / given
    if found.is_file():
        raise NotADirectoryError(f"{given} is a file. Give the folder that holds it.")
    if not found.is_dir():
        raise FileNotFoundError(
            f"{given} does not exist. Give the folder of your recordings, as a whole "
            "path, or from the top of the repository."
        )
    return found.resolve()


def _parsed(file: Path) -> dict:
    """What a description says; BadDescription, with the remedy, if it is none."""
    try:
        said = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadDescription(
            f"{file.name} cannot be read ({error}). Texts stand in quotation marks; a "
            "pattern in single ones: pattern = '(?P<emotion>...)'."
        ) from None
    missing = [key for key in NEEDED if key not in said]
    if missing or ("pattern" in said) == ("table" in said):
        what = missing[0] if missing else "either pattern or table"
        raise BadDescription(
            f"{file.name} does not say: {what}. Add it; docs/own_recordings.md lists "
            "all that is said there."
        )
    if unknown := sorted(set(said) - KNOWN_KEYS):
        raise BadDescription(
            f"{file.name} says {unknown[0]!r}, which has no meaning there. Use "
            f"{', '.join(sorted(KNOWN_KEYS))}; words of the file names stand last, "
            "below [words]."
        )
    emotions = said["emotions"]
    if not isinstance(emotions, list) or len(set(emotions)) < 2:
        raise BadDescription(
            f"{file.name}: emotions must name two or more, in the order of the "
            'network\'s outputs. Write emotions = ["neutral", "happy"].'
        )
    if strangers := sorted({*said.get("words", {}).values()} - {*emotions, ""}):
        raise BadDescription(
            f"{file.name}: [words] leads to {strangers[0]!r}, which is not among the "
            f'emotions. Add it to emotions, or write "" to leave these recordings out.'
        )
    return said


def _corpus(said: dict, folder: Path) -> Corpus:
    """The corpus of a description that lies in ``folder``."""
    recordings = (folder / said["recordings"]).resolve()
    home = Place(folder, "recordings.csv")
    if not recordings.is_dir() and not home.recordings.is_file():
        raise BadDescription(
            f"{DESCRIPTION}: the folder of recordings, {said['recordings']}, is not "
            "there. Give it as it is seen from the description."
        )
    if "table" in said:
        decode, columns, listed = _by_table(said, folder / said["table"], recordings)
    else:
        decode, columns, listed = *_by_pattern(said), ()
    heard, problems, left = [], [], 0
    for path in _sounds(recordings, home) or _listed(home):
        try:
            heard.append({"path": path} | decode(path))
        except LeftOut:
            left += 1
        except ValueError as error:
            problems.append(str(error))
    if not heard:
        raise BadDescription(_nothing_fits(said, recordings, problems))
    table = pd.DataFrame(heard, columns=columns)
    emotions = [e for e in said["emotions"] if e in set(table["emotion"])]
    counts = pd.crosstab(table["actor"], table["emotion"]).reindex(columns=emotions)
    women = None
    if "sex" in columns and set(table["sex"]) <= set(naming.SEXES.values()):
        women = tuple(sorted(set(table["actor"][table["sex"] == "female"])))
    folds = split.deal(counts)
    here = set(table["path"])
    notes = (
        *_about_files(said, problems, left, [p for p in listed if p not in here]),
        *_about_speakers(said, counts, folds),
        *_about_emotions(said, counts),
    )
    return Corpus(
        name=said["name"],
        emotions=tuple(emotions),
        speakers=tuple(sorted(counts.index)),
        folds=folds,
        decode=decode,
        columns=columns,
        size=None,
        recordings_folder=recordings,
        home=home,
        women=women,
        key=lambda path: path,
        is_own=True,
        licence=said.get("licence", ""),
        citation=said.get("cite", ""),
        notes=notes,
    )


def _sounds(recordings: Path, home: Place) -> list[str]:
    """Paths of all sound files, from the folder of recordings, with ``/``."""
    found, _ = files.walk(recordings, lambda path: path == home.models)
    return [
        path.relative_to(recordings).as_posix()
        for path in found
        if path.suffix.lower() in audio.OF_OWN and not path.name.startswith(".")
    ]


def _listed(home: Place) -> list[str]:
    """Paths in the table of lesson 1, for a folder whose recordings are gone."""
    if not home.recordings.is_file():
        return []
    return pd.read_csv(home.recordings, dtype=str, keep_default_na=False)[
        "path"
    ].tolist()


# --- what a path says ---------------------------------------------------------


class LeftOut(ValueError):
    """A recording that the description leaves out on purpose."""


def _by_pattern(said: dict) -> tuple[Callable[[str], dict], tuple[str, ...]]:
    """How a path is decoded by the pattern, and the columns that this gives."""
    try:
        pattern = re.compile(said["pattern"])
    except (re.error, TypeError) as error:
        raise BadDescription(
            f"{DESCRIPTION}: the pattern is no regular expression ({error}). Correct "
            "it; https://docs.python.org/3/howto/regex.html explains them."
        ) from None
    groups = list(pattern.groupindex)
    needed = ["emotion"] if said.get("speakers") == UNKNOWN else ["emotion", "speaker"]
    if missing := [group for group in needed if group not in groups]:
        raise BadDescription(
            f"{DESCRIPTION}: the pattern has no group called {missing[0]}. Put "
            f"(?P<{missing[0]}>...) around what tells it."
            + (
                f' If nothing does, write speakers = "{UNKNOWN}"; scores are then too '
                "good, because a voice may be on both sides."
                if missing == ["speaker"]
                else ""
            )
        )

    def decode(path: str) -> dict:
        found = pattern.search(path.rpartition(".")[0] or path)
        if not found:
            raise BadDescription(
                f"{path} does not fit the pattern of {DESCRIPTION}. Rename or move it, "
                "or widen the pattern."
            )
        return _meaning(found.groupdict(""), path, said)

    return decode, _columns(groups)


def _by_table(said: dict, file: Path, recordings: Path):
    """How a path is decoded by a table, its columns, and the paths that it lists."""
    try:
        table = pd.read_csv(file, sep=None, engine="python", dtype=str).fillna("")
    except (OSError, ValueError, pd.errors.ParserError) as error:
        raise BadDescription(
            f"{DESCRIPTION}: its table {said['table']} cannot be read ({error}). Save "
            "it as CSV (UTF-8), beside the description."
        ) from None
    table.columns = table.columns.str.strip()
    needed = ["path", "emotion"]
    needed += [] if said.get("speakers") == UNKNOWN else ["speaker"]
    if missing := [column for column in needed if column not in table]:
        raise BadDescription(
            f"{said['table']} has no column {missing[0]!r}; it has "
            f"{', '.join(table.columns)}. Rename the one that says it."
        )
    paths = table["path"].str.strip().str.replace("\\", "/").str.removeprefix("./")
    paths = paths.str.removeprefix(f"{recordings.as_posix()}/")
    if paths.duplicated().any():
        twice = paths[paths.duplicated()].iloc[0]
        raise BadDescription(
            f"{said['table']} names {twice} twice. Delete the row that is wrong."
        )
    others = [column for column in table.columns if column != "path"]
    rows = dict(zip(paths, table[others].to_dict("records"), strict=True))

    def decode(path: str) -> dict:
        if path not in rows:
            raise BadDescription(
                f"{path} has no row in {said['table']}. Add one, or move the file."
            )
        return _meaning(rows[path], path, said)

    return decode, _columns(others), tuple(paths)


def _columns(groups: list[str]) -> tuple[str, ...]:
    """The columns of the table of recordings: path, emotion, actor, then the others."""
    others = [group for group in groups if group not in ("emotion", "speaker", "actor")]
    return ("path", "emotion", "actor", *others)


def _meaning(groups: dict[str, str], path: str, said: dict) -> dict:
    """What the parts of a path mean; LeftOut or BadDescription if they mean nothing."""
    others = {name: value.strip() for name, value in groups.items()}
    word, speaker = others.pop("emotion"), others.pop("speaker", "")
    others.pop("actor", None)
    emotion = _emotion(word, said)
    if emotion is None:
        raise BadDescription(
            f"{path}: its emotion, {word!r}, has no meaning in {DESCRIPTION}. Write "
            f'{json.dumps(word)} = "..." below [words], or "" to leave it out.'
        )
    if emotion == "":
        raise LeftOut(f"{path} is left out by [words] in {DESCRIPTION}. It may stay.")
    if said.get("speakers") == UNKNOWN:
        speaker = path
    if not speaker:
        raise BadDescription(f"{path}: its speaker is not said. Add it.")
    if "sex" in others:
        others["sex"] = naming.SEXES.get(others["sex"].lower(), others["sex"])
    return {"emotion": emotion, "actor": speaker, **others}


def _emotion(word: str, said: dict) -> str | None:
    """Our word for an emotion; "" if it is left out, None if it is not known."""
    words = said.get("words", {})
    for spelled in (word, word.lower()):
        if spelled in words:
            return words[spelled]
        if spelled in said["emotions"]:
            return spelled
    return None


# --- what a reader should know --------------------------------------------------


def _nothing_fits(said: dict, recordings: Path, problems: list[str]) -> str:
    if not problems:
        return (
            f"{short(recordings)} holds no sound file ({', '.join(audio.OF_OWN)}) "
            "that is to be used. Give the folder of the recordings; save others, such "
            "as a phone's M4A, as WAV."
        )
    how = f"table {said['table']}" if "table" in said else f"pattern {said['pattern']}"
    return (
        f"Of {len(problems)} sound files in {short(recordings)} none can be used with "
        f"the {how}. {problems[0]}"
    )


def _about_files(said, problems, left, not_there) -> list[str]:
    notes = []
    if problems:
        notes.append(
            f"{len(problems)} sound files are not used, for example: {problems[0]}"
        )
    if left:
        notes.append(f"{left} recordings are left out, as [words] says.")
    if not_there:
        notes.append(
            f"{said['table']} names {len(not_there)} files that are not there or not "
            f"used, for example {not_there[0]}. Copy them, or delete their rows."
        )
    return notes


def _about_speakers(said, counts: pd.DataFrame, folds) -> list[str]:
    """What the speakers, and how they speak (speakers, emotions), do to a score."""
    if said.get("speakers") == UNKNOWN:
        return [
            "SPEAKERS UNKNOWN: each recording counts as a speaker of its own, so a "
            "voice may be on both sides. Scores are too good; do not report them as "
            "scores for new voices."
        ]
    if len(counts) == 1:
        return [
            "There is one speaker: nobody else can test a network. Notebook 1 works; "
            "for the others add recordings of at least two more."
        ]
    notes, alone = [], int(((counts > 0).sum(axis=1) == 1).sum())
    if len(counts) == 2:
        notes.append(
            "There are two speakers: each network learns from one and is tested with "
            "the other. Add speakers before you rely on a score."
        )
    if len(folds[0]) == 1:
        notes.append(
            "One speaker tests, so the score of that test has no interval (nan); "
            "lesson 2, section 7, has one over all speakers."
        )
    if alone:
        notes.append(
            f"{alone} of {len(counts)} speakers speak in one emotion only: a network "
            "can gain by telling voices instead of emotions."
        )
    lacking = [
        f"{emotion} in fold {number}"
        for number, fold in enumerate(folds)
        for emotion in counts.columns[counts.loc[list(fold)].sum() == 0]
    ]
    if lacking:
        notes.append(
            "The folds cannot be balanced, because speakers stay whole: there is no "
            f"{', no '.join(lacking[:3])}{' and others' * (len(lacking) > 3)}."
        )
    return notes


def _about_emotions(said, counts: pd.DataFrame) -> list[str]:
    """Which emotions are not there, or hardly."""
    notes = []
    if missing := [e for e in said["emotions"] if e not in counts]:
        notes.append(
            f"There is no recording of {', '.join(missing)}: the network has no output "
            "for it."
        )
    for emotion in counts:
        number, speakers = int(counts[emotion].sum()), int((counts[emotion] > 0).sum())
        if number < FEW or speakers < 2:
            notes.append(
                f"{emotion}: {number} recordings of {speakers} speaker"
                f"{'s' * (speakers != 1)}. Its recall says little. Record more, or "
                'leave it out with "" below [words].'
            )
    return notes


# --- writing a description ------------------------------------------------------


def known() -> dict[str, dict]:
    """The descriptions of published corpora that come with the library, by name.

    >>> list(known())
    ['CREMA-D', 'EMO-DB', 'SAVEE', 'TESS', 'URDU']
    """
    said = [_parsed(path) for path in sorted(SCHEMES.glob("*.toml"))]
    return {about["name"]: about for about in said}


def describe(
    folder: Path | str,
    name: str | None = None,
    pattern: str | None = None,
    words: dict[str, str] | None = None,
) -> Corpus:
    """Write ``corpus.toml`` for ``folder``, print what was recognised, and read it.

    Understood are a table (a CSV with the columns path, emotion, speaker), the naming
    schemes of :func:`known`, and folders or parts of names that are words for emotions
    and speakers. ``pattern``, with the groups emotion and speaker, replaces the guess;
    ``words`` (their word -> one of ours, or "") adds to the words that are known. The
    file is meant to be looked at and corrected. Raises FileExistsError if it is there
    already, and BadDescription or FileNotFoundError, with the remedy, if nothing is
    understood. Lessons 1 and 6, and docs/own_recordings.md.

    >>> describe("data/my_voices")  # doctest: +SKIP
    data/my_voices/corpus.toml written, by folders: 10 of 10 sound files.
    """
    folder = _folder(folder)
    file = folder / DESCRIPTION
    if file.exists():
        raise FileExistsError(
            f"{short(file)} is there already. Correct it by hand, or delete it and run "
            "this again."
        )
    paths = _sounds(folder, Place(folder))
    if not paths:
        raise FileNotFoundError(_nothing_fits({}, folder, []))
    if sum(map(RAVDESS.is_recording, paths)) > naming.MOST * len(paths):
        raise BadDescription(
            f"{short(folder)} holds RAVDESS, which is described already. Use "
            "corpora.RAVDESS, and set RAVDESS_DIR to this folder."
        )
    name = name or folder.name.replace("_", " ")
    if pattern:
        how, text = "the pattern given", _written(name, paths, pattern, words or {})
    else:
        how, text = (
            _known_scheme(paths)
            or _known_table(folder, name, words or {})
            or _guessed(name, paths, words or {})
        )
    said = tomllib.loads(text)
    corpus = _corpus(said, folder)  # raises if it cannot be used
    files.write_text(file, text)
    used = sum(map(corpus.is_recording, paths))
    print(f"{short(file)} written, by {how}: {used} of {len(paths)} sound files.")
    example = next(path for path in paths if corpus.is_recording(path))
    told = corpus.decode(example)
    print(f"{example}: emotion {told['emotion']}, speaker {told['actor']}")
    print(corpus)
    return corpus


def _known_scheme(paths: list[str]) -> tuple[str, str] | None:
    """The scheme that nearly all paths are named by."""
    for file in sorted(SCHEMES.glob("*.toml")):
        text = file.read_text("utf-8")
        said = tomllib.loads(text)
        fits = sum(
            bool(re.search(said["pattern"], p.rpartition(".")[0])) for p in paths
        )
        if fits > 0.9 * len(paths):
            return f"the scheme of {said['name']}", text
    return None


def _known_table(folder: Path, name: str, words) -> tuple[str, str] | None:
    """The table in ``folder`` that has the columns of a description."""
    for file in sorted(folder.glob("*.csv")):
        try:
            table = pd.read_csv(file, sep=None, engine="python", dtype=str)
        except (OSError, ValueError, pd.errors.ParserError):
            continue
        columns = {column.strip() for column in table.columns}
        if {"path", "emotion", "speaker"} <= columns and not table.empty:
            table.columns = table.columns.str.strip()
            said = sorted(set(table["emotion"].dropna().str.strip()))
            how = f"table = {json.dumps(file.name)}"
            return f"the table {file.name}", _text(name, how, said, words)
    return None


def _guessed(name: str, paths: list[str], words) -> tuple[str, str]:
    """A description guessed from folders and parts of names."""
    pattern = naming.pattern_of(paths, words)
    if pattern is None:
        raise BadDescription(
            f"Nothing in the names is a known word for an emotion, for example in "
            f"{paths[0]}. Say where it stands: corpora.describe(folder, pattern="
            "'(?P<emotion>[^/]+)/(?P<speaker>[^_]+)_'), and what your words mean: "
            'words={"hasira": "angry"}.'
        )
    return "its names", _written(name, paths, pattern, words)


def _written(name: str, paths: list[str], pattern: str, words) -> str:
    """The text of a description by ``pattern``."""
    if "'" in pattern:
        raise BadDescription("A pattern cannot hold the sign '. Use . in its place.")
    try:
        found = [re.search(pattern, path.rpartition(".")[0]) for path in paths]
        said = sorted({match["emotion"] for match in found if match})
    except (re.error, IndexError) as error:
        raise BadDescription(
            f"The pattern {pattern} cannot be used ({error}). It needs the groups "
            "(?P<emotion>...) and (?P<speaker>...)."
        ) from None
    how = f"pattern = '{pattern}'"
    if "(?P<speaker>" not in pattern:
        how += f'\nspeakers = "{UNKNOWN}"  # nobody could be told from the names'
    return _text(name, how, said, words)


def _text(name: str, how: str, said: list[str], words: dict[str, str]) -> str:
    """The text of a description; ``said`` are the words for emotions met."""
    meaning = {word: naming.meaning_of(word, words) for word in said}
    meaning = {word: word.lower() if m is None else m for word, m in meaning.items()}
    found = set(meaning.values()) - {""}
    order = [e for e in naming.WORDS if e in found] + sorted(found - set(naming.WORDS))
    listed = "\n".join(
        f"{json.dumps(word)} = {json.dumps(ours)}" for word, ours in meaning.items()
    )
    return (
        f"# What the recordings in this folder are; docs/own_recordings.md explains.\n"
        f"name = {json.dumps(name)}\n"
        f'recordings = "."  # the folder that holds them, as seen from this file\n'
        f"{how}\n"
        f"emotions = {json.dumps(order)}\n"
        'licence = ""  # who may use them, and for what\n'
        'cite = ""\n\n'
        f'[words]  # the word in the names = our word; "" leaves it out\n'
        f"{listed}\n"
    )
