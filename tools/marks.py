"""Text that is made anew between two marks of a file."""

import re


def between(text: str, mark: str, inside: str) -> str:
    """``text`` with ``inside`` between ``<!-- mark -->`` and ``<!-- /mark -->``.

    Raises ValueError if the marks are missing.

    >>> between("<!-- n --><!-- /n -->", "n", "3")
    '<!-- n -->3<!-- /n -->'
    """
    pattern = rf"(<!-- {mark} -->).*?(<!-- /{mark} -->)"
    made, count = re.subn(
        pattern, lambda found: found[1] + inside + found[2], text, flags=re.DOTALL
    )
    if not count:
        raise ValueError(f"The marks <!-- {mark} --> and <!-- /{mark} --> are missing.")
    return made
