"""Run the notebooks, refresh what is committed of them, and check it.

    python tools/run_notebooks.py run [1 2 ...]      execute; pages go to build/
    python tools/run_notebooks.py run --corpus F     the same on one's own recordings
    python tools/run_notebooks.py refresh [1 2 ...]  execute, clean, stamp, write
    python tools/run_notebooks.py check              verify without running anything

``run`` leaves the committed notebooks as they are. ``refresh`` writes all that it
was asked for or, if anything is wrong, none. Each step has a file of its own:
execute.py, pages.py, clean.py, stamp.py, check_notebooks.py.
"""

import argparse
import base64
import json
import os
import sys
from pathlib import Path

import nbformat

import recordings
from check_notebooks import check
from clean import ANSI_COLOUR, clean
from execute import execute, in_minutes
from notebook_files import NotebookError, code_cells, numbered_notebooks, write
from pages import page
from repository import ROOT
from stamp import stamp, stated_time


def described(folder: str, root: Path = ROOT) -> Path:
    """The folder of one's own recordings, described if it is not yet.

    ``folder`` may be given from the top of the repository. Raises NotebookError, with
    the remedy, if it cannot be used.
    """
    from xai4ser import corpora
    from xai4ser.places import is_own_corpus

    path = Path(root, Path(folder).expanduser()).resolve()
    try:
        if is_own_corpus(path):
            print(corpora.read(path))
        else:
            corpora.describe(path)
    except (OSError, ValueError) as error:
        raise NotebookError(str(error)) from None
    return path


def run(
    root: Path = ROOT, numbers: list[int] | None = None, corpus: str | None = None
) -> None:
    """Execute notebooks; executed copies, pages and timings go to build/.

    With ``corpus``, a folder of one's own recordings, lessons 1 to 3 run on these, and
    the pages go to a folder of its name in build/.
    """
    build, own = root / "build", None
    if corpus:
        own, numbers = described(corpus, root), numbers or [1, 2, 3]
        build /= own.name
    for folder in ("executed", "pages"):
        (build / folder).mkdir(parents=True, exist_ok=True)
    timings, file = {}, build / "timings.json"
    before = json.loads(file.read_text()) if file.is_file() else {}
    for path in numbered_notebooks(root, numbers):
        executed = build / "executed" / path.name
        html_page = build / "pages" / f"{path.stem}.html"
        html_page.unlink(missing_ok=True)
        try:
            notebook, seconds = execute(path, own)
        except NotebookError as failure:
            nbformat.write(failure.notebook, executed)
            raise
        nbformat.write(notebook, executed)
        html_page.write_text(page(notebook, path), encoding="utf-8")
        timings[path.stem] = round(seconds, 1)
        print(f"{path.stem}  done in {in_minutes(seconds)}\n", flush=True)
        known = dict(sorted((before | timings).items()))
        file.write_text(json.dumps(known, indent=1) + "\n")
    print("Pages, with figures and sound; they open in a browser without a network:")
    for name, seconds in timings.items():
        page_of = build.relative_to(root) / "pages" / f"{name}.html"
        print(f"  {page_of.as_posix()}  ({in_minutes(seconds)})")


def require_recordings() -> None:
    """Raise NotebookError unless all the real recordings can be found."""
    try:
        complete, seen = recordings.look()
    except FileNotFoundError as error:
        complete, seen = False, str(error)
    if not complete:
        raise NotebookError(
            "What is committed is made from the real recordings, all 1440 of them. "
            f"{seen} Set RAVDESS_DIR to the folder that holds Actor_01 to Actor_24, "
            "then run `make refresh`."
        )


def require_second_corpus(paths: list[Path]) -> None:
    """Raise NotebookError if a lesson needs a second corpus and there is none."""
    from xai4ser import transfer

    needed = [p for p in paths if "other_corpus()" in p.read_text(encoding="utf-8")]
    if needed and not transfer.is_named_or_there():
        raise NotebookError(
            f"{needed[0].name} is committed with the recordings of a second corpus. "
            f"Set {transfer.VARIABLE} to its folder, or put it into data/urdu, then "
            "run `make refresh`."
        )


def copy_picture(notebook, path: Path) -> None:
    """Write the figure of the cell that is tagged ``readme-picture`` to ``path``."""
    for cell in code_cells(notebook):
        if "readme-picture" in cell.metadata.get("tags", []):
            pictures = [o.data["image/png"] for o in cell.outputs if "data" in o]
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(base64.b64decode(pictures[0]))


def refresh(root: Path = ROOT, numbers: list[int] | None = None) -> None:
    """Execute notebooks in one run, clean and stamp them, write them in place."""
    import plan_minutes  # here, because these import the library
    from solutions import fill
    from xai4ser.places import WRITES_SHIPPED

    require_recordings()
    require_second_corpus(numbered_notebooks(root, numbers))
    os.environ[WRITES_SHIPPED] = "yes"  # what is shipped is renewed by this run alone
    done = [(path, *execute(path)) for path in numbered_notebooks(root, numbers)]
    problems = []
    for path, notebook, _ in done:
        problems += clean(notebook, f"notebooks/{path.name}", root)
    if problems:
        problems.append("No notebook was changed.")
        raise NotebookError("\n".join(problems))
    for path, notebook, seconds in done:
        fill(notebook)
        stamp(notebook, path, seconds)
        write(notebook, path)
        copy_picture(notebook, root / "docs" / "result.png")
        stated = stated_time(notebook.metadata["xai4ser"]["seconds"])
        print(f"{path.stem}  refreshed, {in_minutes(seconds)}; it states {stated}")
    plan_minutes.renew(root)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog="Without numbers, run and refresh execute all notebooks.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, purpose in (
        ("run", "execute; pages go to build/"),
        ("refresh", "execute, clean, stamp, write"),
    ):
        command = commands.add_parser(name, help=purpose)
        command.add_argument("numbers", nargs="*", type=int, help="such as: 1 2")
    commands.choices["run"].add_argument(
        "--corpus", help="a folder of your own recordings, such as data/my_voices"
    )
    commands.add_parser("check", help="verify without running anything")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "run":
            run(ROOT, chosen.numbers, chosen.corpus)
            return 0
        if chosen.command == "refresh":
            refresh(ROOT, chosen.numbers)
        problems = check(ROOT)
    except NotebookError as error:
        text = str(error)
        print("\n" + (text if sys.stdout.isatty() else ANSI_COLOUR.sub("", text)))
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
        return 130
    for problem in problems:
        print(problem)
    if not problems:
        print(f"{len(numbered_notebooks(ROOT))} notebooks are clean and up to date.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
