"""What names of recordings tell: words for emotions, who speaks, a pattern for both.

For :func:`xai4ser.corpora.describe`, which guesses how a folder is to be read.
"""

import re
import unicodedata

MOST = 0.8  # of the names must hold a known word for an emotion
# Words for emotions, by the word that this course uses: English, German, French,
# Italian, Spanish, and usual abbreviations; small letters, no accents.
WORDS = {
    "neutral": "neu neutrality normal neutre neutro neutra neutrale",
    "calm": "calmness relaxed ruhig calme calma calmo",
    "happy": "hap happiness joy joyful freude joie gioia felicita alegria feliz",
    "sad": "sadness sorrow trauer traurig tristesse triste tristezza tristeza",
    "angry": "ang anger rage hot_anger wut arger aerger colere rabbia ira enojo enfado",
    "fearful": "fea fear afraid anxiety anxious scared angst peur paura miedo",
    "disgust": "dis disgusted ekel degout disgusto asco",
    "surprised": "sur surprise ps pleasant_surprise uberraschung sorpresa",
    "bored": "boredom langeweile ennui noia aburrimiento",
    "excited": "excitement",
    "contempt": "contemptuous",
    "frustrated": "frustration",
}
OURS = {word: ours for ours, said in WORDS.items() for word in (ours, *said.split())}
SEXES = dict.fromkeys(("f", "female", "w", "woman"), "female") | dict.fromkeys(
    ("m", "male", "man"), "male"
)


def pattern_of(paths: list[str], words: dict[str, str]) -> str | None:
    """A pattern with the groups emotion and, if one can be told, speaker.

    ``words`` (their word -> one of ours, or "") adds to the words that are known. None
    if no part of the names is a word for an emotion.

    >>> pattern_of(["sad/anna_1.wav", "sad/ben_1.wav"] * 2, {})
    '(^|/)(?P<emotion>[^/]+)/(?P<speaker>[^/_ -]+)[^/]*$'
    """
    values = _parts(paths)
    shares = {
        part: sum(meaning_of(value, words) is not None for value in of_part)
        for part, of_part in values.items()
    }
    emotion = max(shares, key=shares.get)
    if shares[emotion] <= MOST * len(paths):
        return None
    speaker = _speaker_among(values, emotion)
    roles = {emotion: "emotion"} | ({speaker: "speaker"} if speaker else {})
    numbered = emotion[0] != "folder" and any(
        value != value.rstrip("0123456789") for value in values[emotion]
    )
    return _pattern(roles, numbered)


def meaning_of(word: str, words: dict[str, str]) -> str | None:
    """Our word for theirs, or for a word in it ("OAF_angry"); None if unknown.

    >>> meaning_of("01_Anger", {}), meaning_of("hasira", {"hasira": "angry"})
    ('angry', 'angry')
    """
    if word in words:
        return words[word]
    letters = unicodedata.normalize("NFKD", word.lower())
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    of_them = {key.lower(): ours for key, ours in words.items()}
    for part in (letters, *re.split("[_ -]+", letters)):
        for spelled in (part, part.rstrip("0123456789")):
            found = of_them.get(spelled, OURS.get(spelled))
            if found is not None:
                return found
    return None


def _parts(paths: list[str]) -> dict[tuple[str, int], list[str]]:
    """Parts of paths that may say something, and what stands there in each path.

    ("folder", 1) is the folder of a file, ("part", 0) the first part of its name,
    ("end", 0) the last; "" where there is none. Parts are divided by _, - or a space.
    """
    split_up = []
    for path in paths:
        *folders, name = path.rpartition(".")[0].split("/")
        split_up.append((folders, re.split("[_ -]+", name)))
    values = {}
    for level in (3, 2, 1):
        values["folder", level] = [
            folders[-level] if len(folders) >= level else "" for folders, _ in split_up
        ]
    for place in range(6):
        values["part", place] = [
            parts[place] if len(parts) > place else "" for _, parts in split_up
        ]
    values["end", 0] = [parts[-1] for _, parts in split_up]
    return values


def _speaker_among(values: dict, emotion: tuple[str, int]) -> tuple[str, int] | None:
    """The first part that can tell speakers: some values, each with some recordings.

    A number that stands once for each emotion counts takes, and tells nobody.
    """
    for part, of_part in values.items():
        speakers, pairs = set(of_part), [*zip(of_part, values[emotion], strict=True)]
        if part == emotion or part[0] == "end" or "" in speakers:
            continue
        if {speaker.lower() for speaker in speakers} <= set(SEXES):
            continue
        counts_takes = len(set(pairs)) == len(pairs) and all(map(str.isdigit, speakers))
        if 2 <= len(speakers) <= len(of_part) / 2 and not counts_takes:
            return part
    return None


def _pattern(roles: dict[tuple[str, int], str], numbered: bool) -> str:
    """The pattern in which parts, as :func:`_parts` names them, have their roles."""

    def piece(part, otherwise):
        role = roles.get(part)
        if role is None:
            return otherwise
        is_numbered = role == "emotion" and numbered
        inside = r"[^\W\d_]+" if is_numbered else otherwise
        return f"(?P<{role}>{inside})" + r"\d*" * is_numbered

    levels = max((n for kind, n in roles if kind == "folder"), default=0)
    places_ = [n for kind, n in roles if kind == "part"]
    folders = [piece(("folder", n), "[^/]+") + "/" for n in range(levels, 0, -1)]
    parts = [
        piece(("part", n), "[^/_ -]+") for n in range(max(places_, default=-1) + 1)
    ]
    ending = "[^/]*$"
    if ("end", 0) in roles:
        ending = f"[^/]*[_ -]{piece(('end', 0), '[^/_ -]+')}$"
    return "(^|/)" + "".join(folders) + "[_ -]+".join(parts) + ending
