"""Are all the real recordings here? The library is asked: there is one truth."""

import repository  # noqa: F401  (the library is found through it)


def look() -> tuple[bool, str]:
    """Whether the corpus is complete, and the library's own words about it.

    Nothing is fetched, unpacked or synthesised. Raises FileNotFoundError if
    RAVDESS_DIR names a folder that holds no recording.
    """
    from xai4ser import find

    found = find.look()
    complete = found.recordings is not None and found.recordings.complete
    return complete, str(found)
