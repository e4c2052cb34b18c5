"""Are all the real recordings here? The library is asked: there is one truth."""

import os

import repository  # noqa: F401  (the library is found through it)


def look() -> tuple[bool, str]:
    """Whether the corpus is complete, and the library's own words about it.

    Nothing is fetched, unpacked or synthesised. Raises FileNotFoundError if
    RAVDESS_DIR names a folder that holds no recording.
    """
    from xai4ser import corpus

    named = os.environ.get("RAVDESS_DIR")
    folder = named or corpus._home_of_recordings(corpus.DATA)
    if folder is None:
        return False, "No recordings are here."
    found = corpus.find_recordings(folder)
    return found.complete, repr(found)
