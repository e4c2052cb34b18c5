"""Clean an executed notebook: what is committed holds no sound, noise or path."""

import base64
import html
import io
import json
import re
import tempfile
from pathlib import Path

import nbformat
from PIL import Image

from live_slides import mark_slides
from notebook_files import code_cells

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
# What of a stage (notebooks/course/stage.py) is nothing without its sounds.
SOUNDING = re.compile(r"<!-- sound -->.*?<!-- /sound -->", re.DOTALL)
STAGE = re.compile(r'<figure class="stage".*?</figure>', re.DOTALL)
MACHINE_PATH = re.compile(
    r"(?<![\w.])/(?:root|home|Users|tmp|work)\b|\b[A-Za-z]:\\+Users\b"
)
DATA_ADDRESS = re.compile(r"data:[\w/+.-]+;base64,[\w+/=]+", re.ASCII)
ANSI_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def silence_players(output) -> None:
    """Put a note in the place of each player, so that no sound is committed.

    A stage keeps its picture, the words and the answers, and loses sounds and script.
    """
    data = output.get("data", {})
    if "data:audio" not in json.dumps(data):
        return
    labels = []

    def silent_stage(found: re.Match) -> str:
        label = re.search(r'aria-label="([^"]+)"', found[0])[1]
        labels.append(label)
        kept = re.sub(r"<img [^>]*? hidden>", "", SOUNDING.sub("", found[0]))
        kept = kept.replace(" data-lm-suppress-shortcuts", "")
        return f"{kept}<p>▶ Run this cell to hear: {label}</p>"

    def note(player: re.Match) -> str:
        label = re.search(r'aria-label="([^"]+)"', player[0])
        caption = re.search(r"<figcaption[^>]*>(.*?)</figcaption>", player[0], re.S)
        found = label[1] if label else caption[1] if caption else "this recording"
        labels.append(re.sub(r"<[^>]+>", "", found).strip())
        return f"<p>▶ Run this cell to hear: {labels[-1]}</p>"

    text = STAGE.sub(silent_stage, data.get("text/html", ""))
    text = PLAYER.sub(note, text)
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
