"""Run the notebooks, refresh what is committed of them, and check it.

    python tools/run_notebooks.py run [1 2 ...]  execute; pages go to build/
    python tools/run_notebooks.py refresh        execute in place, clean, stamp
    python tools/run_notebooks.py check          verify without running anything

``run`` leaves the committed notebooks as they are. ``refresh`` writes all of
them or, if anything is wrong, none. A stamp in each notebook says from which
code and data its outputs were made; ``check`` compares it with what is there.
"""

import argparse
import base64
import hashlib
import html
import io
import json
import logging
import mimetypes
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import unquote

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
DATA_FILES = (
    "emoRav_data.csv",
    "speech_features.csv",
    "trained_model/Speech_CNN.json",
)
RECORDINGS_IN_FULL = 1440
LARGEST_NOTEBOOK = 2_000_000  # bytes
LONGEST_CELL = 25  # lines of code
LEAST_PROSE = 6  # words per line of code

# What may appear on stderr and says nothing to a reader, one line each.
KNOWN_NOISE = [
    # ipykernel 7 says this of every kernel that is started by a program.
    r".*Kernel is running over TCP without encryption.*",
    # tqdm draws its bar on stderr where it cannot draw a widget.
    r".*\d+%\|.*\|.*",
    r".*\dit \[[\d:]+, .*\].*",
]
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
PLAYER = re.compile(
    r'<figure\b[^>]*\bclass="[^"]*\bplayer\b.*?</figure>|<audio\b.*?</audio>',
    re.DOTALL,
)
MACHINE_PATH = re.compile(
    r"(?<![\w.])/(?:root|home|Users|tmp|work)\b|\b[A-Za-z]:\\+Users\b"
)
DATA_ADDRESS = re.compile(r"data:[\w/+.-]+;base64,[\w+/=]+", re.ASCII)
ANSI_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
TIME_SENTENCE = re.compile(r"(<!-- time -->)(.*?)(<!-- /time -->)", re.DOTALL)


class NotebookError(Exception):
    """Something is wrong with a notebook; the message says what and where."""


def numbered_notebooks(root: Path = ROOT, numbers: list[int] | None = None):
    """The paths of the numbered notebooks, in order; all, or those asked for."""
    found = sorted((root / "notebooks").glob("[1-9]_*.ipynb"))
    if not found:
        raise NotebookError("There is no notebook named notebooks/[1-9]_*.ipynb.")
    if not numbers:
        return found
    by_number = {int(path.name[0]): path for path in found}
    for number in numbers:
        if number not in by_number:
            there = ", ".join(map(str, by_number))
            raise NotebookError(f"There is no notebook {number}, only {there}.")
    return [by_number[number] for number in sorted(set(numbers))]


def newest(path: Path, root: Path = ROOT):
    """The notebook at ``path``, with what `make run` showed here, sound included.

    Where it was not run, where it failed, or where its code has changed since, the
    outputs are the committed ones.
    """
    notebook = nbformat.read(path, as_version=4)
    executed = root / "build" / "executed" / path.name
    if executed.is_file():
        cells = code_cells(notebook)
        copies = code_cells(nbformat.read(executed, as_version=4))
        errors = [o for c in copies for o in c.outputs if o.output_type == "error"]
        if [c.source for c in cells] == [c.source for c in copies] and not errors:
            for cell, copy in zip(cells, copies, strict=True):
                cell.outputs = copy.outputs
    return notebook


def code_cells(notebook) -> list:
    """The code cells that hold code, in order."""
    return [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]


def outputs(notebook):
    """Every output of every code cell, with the cell's number among them."""
    for number, cell in enumerate(code_cells(notebook), start=1):
        for output in cell.outputs:
            yield number, output


# --- execute ----------------------------------------------------------------


def headings(notebook) -> list[str]:
    """For each cell, the heading that it stands under."""
    above, current = [], ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            prose = re.sub(r"```.*?```", "", cell.source, flags=re.DOTALL)
            current = (re.findall(r"^#+ +(.+)$", prose, re.MULTILINE) or [current])[-1]
        above.append(current)
    return above


def execute(path: Path):
    """Execute the notebook at ``path`` from its own folder; the file stays as it is.

    Prints a line per cell. Returns the executed notebook and the seconds it
    took. Raises NotebookError at the first cell that fails, with its source
    and traceback; its attribute ``notebook`` holds what was executed.
    """
    notebook = nbformat.read(path, as_version=4)
    above = headings(notebook)
    total = len(code_cells(notebook))
    at = {"number": 0, "source": "", "since": 0.0}

    def cell_starts(cell, cell_index):
        if cell.cell_type == "code" and cell.source.strip():
            number = at["number"] + 1
            at.update(number=number, source=cell.source, since=time.monotonic())
            place = f"{path.stem:18} {f'{number}/{total}':>7}"
            print(f"{place}  {above[cell_index][:44]:44}", end="", flush=True)

    def cell_ends(cell, cell_index, execute_reply):
        print(f"  {time.monotonic() - at['since']:6.1f} s", flush=True)

    client = NotebookClient(
        notebook,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],
        timeout=None,
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=cell_starts,
        on_cell_executed=cell_ends,
    )
    # A drawing backend chosen for programs would take the figures away.
    environment = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"}
    started = time.monotonic()
    try:
        client.execute(env=environment)
    except CellExecutionError as error:
        reason = str(error)
    except DeadKernelError:
        print()
        reason = (
            "Python itself stopped in this cell, mostly for lack of memory. "
            f"Close other programs, then run this again.\n\n{at['source']}"
        )
    else:
        return notebook, time.monotonic() - started
    failure = NotebookError(
        f"{path.name} failed in code cell {at['number']} of {total}.\n\n{reason}"
    )
    failure.notebook = notebook
    raise failure


# --- run: pages that need no network ----------------------------------------


class OfflineRenderer(IPythonRenderer):
    """Markdown to HTML with formulas as MathML, which browsers draw unaided."""

    def inline_math(self, body: str) -> str:
        return mathml(body, "inline")

    def block_math(self, body: str) -> str:
        return mathml(body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        return mathml(rf"\begin{{{name}}}{body}\end{{{name}}}", "block")


def mathml(formula: str, display: str) -> str:
    """A TeX formula as MathML; as it is written, if it cannot be converted."""
    try:
        from latex2mathml import converter

        return converter.convert(formula.strip(), display=display)
    except Exception as error:  # it raises what it likes, or is not installed
        print(f"Shown as it is written ({type(error).__name__}): {formula}")
        return f"<code>{html.escape(formula)}</code>"


class OfflineExporter(HTMLExporter):
    """A notebook as one HTML file that asks nothing of the network."""

    def markdown2html(self, source: str) -> str:
        return markdown_to_html(source)


def markdown_to_html(source: str) -> str:
    """Markdown as HTML that asks nothing of the network."""
    return MarkdownWithMath(OfflineRenderer(escape=False)).render(source)


PAGE_TEMPLATE = """
{%- extends 'index.html.j2' -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block extra_css -%}
<style>
main { max-width: 64rem; margin: 0 auto; } audio { max-width: 100%; }
.jp-RenderedHTMLCommon .alert { color: black; }
</style>
{%- endblock -%}
{%- block data_latex scoped -%}
<div class="jp-RenderedMarkdown jp-OutputArea-output">
{{ output.data['text/latex'] | markdown2html }}</div>
{%- endblock -%}
{%- block data_png scoped -%}
{%- set alt = output | get_metadata('alt', 'image/png') or 'figure' -%}
<div class="jp-RenderedImage jp-OutputArea-output">
<img src="data:image/png;base64,{{ output.data['image/png'] }}"
 alt="{{ alt | escape_html }}"></div>
{%- endblock -%}
"""


def page(notebook, path: Path) -> str:
    """The executed notebook, read from ``path``, as one HTML page."""
    notebook = nbformat.from_dict(notebook)
    titles = [heading for heading in headings(notebook) if heading]
    notebook.metadata["title"] = titles[0] if titles else path.stem
    exporter = OfflineExporter(raw_template=PAGE_TEMPLATE)
    exporter.log.setLevel(logging.ERROR)
    text, _ = exporter.from_notebook_node(notebook)

    def embed(picture: re.Match) -> str:
        file = path.parent / unquote(picture[2])
        if not file.is_file():
            return picture[0]
        kind = mimetypes.guess_type(file.name)[0]
        data = base64.b64encode(file.read_bytes()).decode()
        return f"{picture[1]}data:{kind};base64,{data}"

    text = re.sub(r'(<img\b[^>]*?\bsrc=")([^":]+)(?=")', embed, text)
    # The page lies in build/pages/, one level deeper than the notebook.
    text = re.sub(r'href="(\w+)\.ipynb(#[^"]*)?"', r'href="\1.html\2"', text)
    return text.replace('href="../', 'href="../../')


def in_minutes(seconds: float) -> str:
    """A measured time, such as "1 min 05 s"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def run(root: Path = ROOT, numbers: list[int] | None = None) -> None:
    """Execute notebooks; executed copies, pages and timings go to build/."""
    build = root / "build"
    for folder in ("executed", "pages"):
        (build / folder).mkdir(parents=True, exist_ok=True)
    timings, file = {}, build / "timings.json"
    before = json.loads(file.read_text()) if file.is_file() else {}
    for path in numbered_notebooks(root, numbers):
        executed = build / "executed" / path.name
        html_page = build / "pages" / f"{path.stem}.html"
        html_page.unlink(missing_ok=True)
        try:
            notebook, seconds = execute(path)
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
        print(f"  build/pages/{name}.html  ({in_minutes(seconds)})")


# --- refresh: clean, stamp, write -------------------------------------------


def require_recordings(root: Path) -> None:
    """Raise NotebookError unless all the real recordings can be found."""
    usual = root / "data" / "Ravdess" / "audio_speech_actors_01-24"
    folder = Path(os.environ.get("RAVDESS_DIR") or usual).expanduser()
    count = sum(1 for _ in folder.rglob("*.wav")) if folder.is_dir() else 0
    if count < RECORDINGS_IN_FULL:
        raise NotebookError(
            "What is committed is made from the real recordings, and "
            f"{folder} holds {count} of {RECORDINGS_IN_FULL}. Set RAVDESS_DIR to "
            "the folder that holds Actor_01 to Actor_24, then run `make refresh`."
        )


def silence_players(output) -> None:
    """Put a note in the place of each player, so that no sound is committed."""
    data = output.get("data", {})
    if "data:audio" not in json.dumps(data):
        return
    labels = []

    def note(player: re.Match) -> str:
        label = re.search(r'aria-label="([^"]+)"', player[0])
        caption = re.search(r"<figcaption[^>]*>(.*?)</figcaption>", player[0], re.S)
        found = label[1] if label else caption[1] if caption else "this recording"
        labels.append(re.sub(r"<[^>]+>", "", found).strip())
        return f"<p>▶ Run this cell to hear: {labels[-1]}</p>"

    text = PLAYER.sub(note, data.get("text/html", ""))
    if not labels or "data:audio" in text:  # not a player as we know it
        labels, text = [], note(re.match("", ""))
    plain = "\n".join(f"▶ Run this cell to hear: {html.unescape(x)}" for x in labels)
    output["data"] = nbformat.from_dict({"text/html": text, "text/plain": plain})


def shrink_picture(output) -> None:
    """Give a figure a palette of 256 colours, if that makes it smaller.

    No eye sees the difference, and it takes a third of the space: nine in ten bytes
    of an executed notebook are figures.
    """
    data = output.get("data", {})
    if "image/png" not in data:
        return
    whole = base64.b64decode(data["image/png"])
    small = io.BytesIO()
    with Image.open(io.BytesIO(whole)) as picture:
        flat = Image.new("RGB", picture.size, "white")
        flat.paste(picture, mask=picture.convert("RGBA").getchannel("A"))
        even = flat.quantize(
            256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        )
        even.save(small, "PNG", optimize=True)
    if small.tell() < len(whole):
        data["image/png"] = base64.b64encode(small.getvalue()).decode() + "\n"


def beyond_noise(text: str) -> str:
    """The lines of a text that are not known noise."""
    lines = re.split(r"[\r\n]+", ANSI_COLOUR.sub("", text))
    is_known = re.compile("|".join(KNOWN_NOISE)).fullmatch
    return "\n".join(x for x in lines if x.strip() and not is_known(x))


def unknown_stderr(output) -> str:
    """What a cell says on stderr beyond known noise."""
    is_stderr = output.output_type == "stream" and output.name == "stderr"
    return beyond_noise(output.text) if is_stderr else ""


def shown_text(output):
    """The text that an output shows: all but the bytes of images."""
    if output.output_type == "stream":
        yield output.text
    if output.output_type == "error":
        yield "\n".join([output.evalue, *output.traceback])
    for kind, value in output.get("data", {}).items():
        if not kind.startswith("image/") or kind == "image/svg+xml":
            text = value if isinstance(value, str) else json.dumps(value)
            yield DATA_ADDRESS.sub("", text)


def machine_paths(output, root: Path) -> list[str]:
    """The paths of somebody's machine that an output shows."""
    here = {str(root), str(Path.home()), tempfile.gettempdir()} - {"/"}
    places = "|".join(rf"(?<![\w.]){re.escape(x)}\b" for x in sorted(here))
    found = []
    for text in shown_text(output):
        found += re.findall(rf"(?:{MACHINE_PATH.pattern}|{places})[^\s\"'<>]*", text)
    return found


def mark_slides(notebook) -> None:
    """Say of each cell where it stands when the notebook is shown as slides.

    This is for live slides in JupyterLab; tools/slides.py makes its own. A title
    or ``##`` begins a slide, ``###`` one below it, and so does what follows a
    figure, a table or a player. A cell tagged ``skip-slide`` is not shown.
    """
    is_full = False
    for cell in notebook.cells:
        kind = None
        prose = cell.source if cell.cell_type == "markdown" else ""
        if "skip-slide" in cell.metadata.get("tags", []):
            kind = "skip"
        elif re.search(r"^##? ", prose, re.MULTILINE):
            kind = "slide"
        elif is_full or re.search(r"^### ", prose, re.MULTILINE):
            kind = "subslide"
        is_full = (is_full and kind in (None, "skip")) or any(
            {"image/png", "text/html"} & set(output.get("data", {}))
            for output in cell.get("outputs", [])
        )
        cell.metadata.pop("slideshow", None)
        # Without a kind there is no key: with an explicit "-" the cell vanishes.
        if kind:
            cell.metadata["slideshow"] = {"slide_type": kind}


def clean(notebook, name: str, root: Path) -> list[str]:
    """Remove what does not belong in a commit; return what nobody may commit."""
    problems = []
    for number, cell in enumerate(code_cells(notebook), start=1):
        kept = []
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stderr":
                if unknown_stderr(output):
                    problems.append(
                        f"{name}: code cell {number} writes to stderr; put right "
                        f"what it says there:\n{unknown_stderr(output)}"
                    )
                continue
            silence_players(output)
            shrink_picture(output)
            if "data" in output and WIDGET_VIEW in output.data:
                del output.data[WIDGET_VIEW]
                if not beyond_noise(output.data.get("text/plain", "")):
                    continue  # a progress bar
            for path in machine_paths(output, root):
                problems.append(
                    f"{name}: code cell {number} shows the path {path}; print "
                    "paths relative to the repository."
                )
            kept.append(output)
        cell.outputs = kept
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        cell.metadata.pop("ExecuteTime", None)
    mark_slides(notebook)
    notebook.metadata.pop("widgets", None)
    notebook.metadata["kernelspec"] = {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    }
    notebook.metadata["language_info"] = {"name": "python"}
    return problems


def digest(notebook, root: Path) -> str:
    """What the outputs depend on: this code, the library, the data files."""
    total = hashlib.sha256()
    for cell in code_cells(notebook):
        total.update(cell.source.encode() + b"\0")
    library = root / "notebooks" / "xai4ser"
    files = sorted(library.rglob("*.py")) + [root / name for name in DATA_FILES]
    for file in files:
        if file.is_file():
            total.update(file.relative_to(root).as_posix().encode() + b"\0")
            total.update(file.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return total.hexdigest()


def in_words(seconds: float) -> str:
    """A time as the first cell states it: to 10 s, from 2 minutes on to half of one."""
    tens = max(10, 10 * round(seconds / 10))
    if tens < 120:
        return f"about {tens} seconds"
    halves = round(seconds / 30)
    return f"about {halves / 2:g} minutes"


def first_prose(notebook):
    """The first markdown cell, or None."""
    return next((c for c in notebook.cells if c.cell_type == "markdown"), None)


def stamp(notebook, seconds: float, root: Path) -> None:
    """Note in the notebook what it was made from and how long that took.

    A time already there stays if the new one is within a fifth of it, so that
    a refresh with nothing new changes nothing.
    """
    before = notebook.metadata.get("xai4ser", {}).get("seconds", 0)
    seconds = before if abs(seconds - before) <= before / 5 else max(1, round(seconds))
    notebook.metadata["xai4ser"] = {
        "source_sha256": digest(notebook, root),
        "seconds": seconds,
    }
    cell = first_prose(notebook)
    if cell is not None:
        sentence = rf"\g<1>{in_words(seconds)}\g<3>"
        cell.source = TIME_SENTENCE.sub(sentence, cell.source)


def write(notebook, path: Path) -> None:
    """Write a notebook under another name, then rename it: whole or not at all."""
    nbformat.validate(notebook)
    temporary = path.with_name(path.name + ".part")
    nbformat.write(notebook, temporary)
    os.replace(temporary, path)


def copy_picture(notebook, path: Path) -> None:
    """Write the figure of the cell that is tagged ``readme-picture`` to ``path``."""
    for cell in code_cells(notebook):
        if "readme-picture" in cell.metadata.get("tags", []):
            pictures = [o.data["image/png"] for o in cell.outputs if "data" in o]
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(base64.b64decode(pictures[0]))


def refresh(root: Path = ROOT) -> None:
    """Execute all notebooks in one run, clean and stamp them, write them in place."""
    from solutions import fill  # here, because it imports the library

    require_recordings(root)
    done = [(path, *execute(path)) for path in numbered_notebooks(root)]
    problems = []
    for path, notebook, _ in done:
        problems += clean(notebook, f"notebooks/{path.name}", root)
    if problems:
        problems.append("No notebook was changed.")
        raise NotebookError("\n".join(problems))
    for path, notebook, seconds in done:
        fill(notebook)
        stamp(notebook, seconds, root)
        write(notebook, path)
        copy_picture(notebook, root / "docs" / "result.png")
        stated = in_words(notebook.metadata["xai4ser"]["seconds"])
        print(f"{path.stem}  refreshed, {in_minutes(seconds)}; it states {stated}")


# --- check ------------------------------------------------------------------


def words_per_line(notebook) -> float:
    """Words of prose per line of code; solutions in prose cells do not count."""
    prose = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    prose = re.sub(r"```.*?```|<!--.*?-->|<[^>]+>", " ", prose, flags=re.DOTALL)
    lines = [x for c in code_cells(notebook) for x in c.source.splitlines()]
    return len(prose.split()) / max(1, sum(1 for x in lines if x.strip()))


def problems_of(path: Path, root: Path = ROOT) -> list[str]:
    """What is wrong with a committed notebook, one sentence each, with the remedy."""
    notebook = nbformat.read(path, as_version=4)
    cells = code_cells(notebook)
    mark = notebook.metadata.get("xai4ser", {})
    found = []

    if "source_sha256" not in mark:
        found.append("has no stamp: run `make refresh`")
    elif mark["source_sha256"] != digest(notebook, root):
        found.append(
            "its code, the library or a data file has changed since its outputs "
            "were made: run `make refresh`"
        )
    if [c.execution_count for c in cells] != list(range(1, len(cells) + 1)):
        found.append("was not executed once from top to bottom: run `make refresh`")
    for number, output in outputs(notebook):
        where = f"code cell {number}"
        if output.output_type == "error":
            found.append(
                f"{where} ends in {output.ename}: put it right, then run `make refresh`"
            )
        if output.output_type == "stream" and output.name == "stderr":
            found.append(f"{where} holds stderr output: run `make refresh`")
        if "data:audio" in json.dumps(output):
            found.append(f"{where} holds sound: run `make refresh`")
        if WIDGET_VIEW in output.get("data", {}):
            found.append(f"{where} holds a widget: run `make refresh`")
        for shown in machine_paths(output, root):
            found.append(
                f"{where} shows the path {shown}: print paths relative to the "
                "repository, then run `make refresh`"
            )
    if "widgets" in notebook.metadata:
        found.append("holds widget state: run `make refresh`")
    opening = first_prose(notebook)
    sentence = TIME_SENTENCE.search(opening.source if opening else "")
    if sentence is None:
        found.append(
            "its first markdown cell does not say how long it takes: write "
            "`<!-- time --><!-- /time -->` there, then run `make refresh`"
        )
    elif mark and sentence[2] != in_words(mark.get("seconds", 0)):
        found.append("states a time that was not measured: run `make refresh`")
    if path.stat().st_size > LARGEST_NOTEBOOK:
        found.append(
            f"has {path.stat().st_size / 1e6:.1f} MB, more than "
            f"{LARGEST_NOTEBOOK / 1e6:.0f}: draw smaller figures, then run "
            "`make refresh`"
        )
    for number, cell in enumerate(cells, start=1):
        length = len(cell.source.splitlines())
        if length > LONGEST_CELL:
            found.append(
                f"code cell {number} has {length} lines, more than {LONGEST_CELL}: "
                "divide it or move a part to the library, then run `make refresh`"
            )
    if words_per_line(notebook) < LEAST_PROSE:
        found.append(
            f"has {words_per_line(notebook):.1f} words of prose per line of code, "
            f"fewer than {LEAST_PROSE}: explain more, or move code to the library, "
            "then run `make refresh`"
        )
    return [f"notebooks/{path.name}: {problem}." for problem in found]


def check(root: Path = ROOT) -> list[str]:
    """All problems of all committed notebooks."""
    return [p for path in numbered_notebooks(root) for p in problems_of(path, root)]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog="Without numbers, run executes all notebooks.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    run_parser = commands.add_parser("run", help="execute; pages go to build/")
    run_parser.add_argument("numbers", nargs="*", type=int, help="such as: 1 2")
    commands.add_parser("refresh", help="execute in place, clean, stamp")
    commands.add_parser("check", help="verify without running anything")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "run":
            run(ROOT, chosen.numbers)
            return 0
        if chosen.command == "refresh":
            refresh(ROOT)
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
