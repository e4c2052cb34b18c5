"""For those who do not see, hear or distinguish colours, and for the last row."""

import itertools
import re

import matplotlib
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from matplotlib.colors import to_rgb

import execute
import notebook_files
import pages
from browser_tools import assert_alone
from conftest import REPO
from course import descriptions, players
from xai4ser import plots
from xai4ser.ravdess import EMOTIONS

# Full protanopia, deuteranopia and tritanopia as matrices on linear RGB: Machado,
# Oliveira, Fernandes 2009, IEEE Trans. Visualization and Computer Graphics 15:1291.
SIGHT = {
    "all cones": np.eye(3),
    "no long ones": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no middle ones": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "no short ones": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
FROM_LINEAR_RGB = np.array(  # to CIE XYZ, and its white (IEC 61966-2-1)
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
in_every_sight = pytest.mark.parametrize("sight", SIGHT)


def linear(colours) -> np.ndarray:
    """sRGB colours (..., 3) from 0 to 1, as amounts of light."""
    colours = np.asarray(colours, dtype=float)
    return np.where(
        colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4
    )


def as_seen(colours, sight: str) -> np.ndarray:
    """Colours in CIELAB, where distances are differences that one sees (1 to 2: none).

    The first number is the lightness, 0 to 100.
    """
    seen = np.clip(linear(colours) @ np.transpose(SIGHT[sight]), 0, 1)
    xyz = seen @ FROM_LINEAR_RGB.T / FROM_LINEAR_RGB.sum(axis=1)
    root = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def contrast(first, second) -> float:
    """Contrast of two colours, 1 to 21 (WCAG 2.2); text needs 4.5."""
    bright, dark = sorted(
        (linear(to_rgb(c)) @ FROM_LINEAR_RGB[1] for c in (first, second)), reverse=True
    )
    return (bright + 0.05) / (dark + 0.05)


def test_the_simulation_itself():
    """Red and green are far apart for most, and alike without middle cones."""
    red_green = [(0.8, 0.2, 0.1), (0.42, 0.42, 0.0)]
    apart = {s: np.linalg.norm(np.diff(as_seen(red_green, s), axis=0)) for s in SIGHT}
    assert apart["all cones"] > 60
    assert apart["no middle ones"] < 0.4 * apart["all cones"]
    white = as_seen([(1.0, 1.0, 1.0)], "no long ones")
    assert white[0] == pytest.approx([100, 0, 0], abs=1)
    assert contrast("black", "white") == pytest.approx(21)


@in_every_sight
def test_no_two_emotions_have_a_colour_alike(sight):
    colours = as_seen([to_rgb(plots.COLOURS[e]) for e in EMOTIONS], sight)
    for first, second in itertools.combinations(range(len(EMOTIONS)), 2):
        distance = np.linalg.norm(colours[first] - colours[second])
        assert distance > 15, (EMOTIONS[first], EMOTIONS[second])


@in_every_sight
def test_maps_keep_their_order(sight):
    """Sequential maps get steadily lighter; the signed one is lightest at zero."""
    steps = np.linspace(0, 1, 21)
    shades = {
        name: as_seen(matplotlib.colormaps[name](steps)[:, :3], sight)
        for name in (plots.SEQUENTIAL, "Blues", plots.SIGNED)
    }
    assert (np.diff(shades[plots.SEQUENTIAL][:, 0]) > 0.5).all()
    assert (np.diff(shades["Blues"][:, 0]) < -0.3).all()
    lightness = shades[plots.SIGNED][:, 0]
    assert lightness.argmax() == 10
    assert (np.diff(lightness)[:10] > 0).all() and (np.diff(lightness)[10:] < 0).all()
    # Equally strong for and against can be told apart.
    for step in range(6):
        pair = shades[plots.SIGNED][[step, 20 - step]]
        assert np.linalg.norm(pair[0] - pair[1]) > 20, steps[step]


def test_lines_are_told_apart_without_colour_where_colours_are_near():
    """In black and white, no two lines of nearly equal lightness have one style."""
    lightness = as_seen([to_rgb(plots.COLOURS[e]) for e in EMOTIONS], "all cones")
    near = [
        (EMOTIONS[i], EMOTIONS[j])
        for i, j in itertools.combinations(range(len(EMOTIONS)), 2)
        if abs(lightness[i, 0] - lightness[j, 0]) < 4
    ]
    assert near
    for first, second in near:
        assert plots.LINE_STYLES[first] != plots.LINE_STYLES[second], (first, second)


def test_numbers_in_the_confusion_matrix_can_be_read():
    shares = np.arange(101)
    counts = np.column_stack([shares, 100 - shares])
    _, ax = plt.subplots()
    image = plots.draw_confusion_matrix(ax, counts, ["a", "b"], "shares")
    for text in ax.texts:
        background = image.cmap(int(text.get_text()) / 100)
        assert contrast(text.get_color(), background) >= 4.5, text.get_text()


@pytest.mark.parametrize("name", ["docs/site.css", "tools/slides.css"])
def test_text_of_pages_and_slides_has_contrast(name):
    """Each rule that sets a background is read with its own colour, or nearly black."""
    style = (REPO / name).read_text()
    colours = re.findall(r"(?<!-)color: (#\w+)", style)
    assert colours
    for colour in colours:
        assert contrast(colour, "white") >= 4.5, colour
    backgrounds = re.findall(r"background: (#\w{3,6})", style)
    assert backgrounds
    for background in backgrounds:
        for colour in ("#111111", *colours):
            assert contrast(colour, background) >= 4.5, (colour, background)


# --- figures and sounds in words ----------------------------------------------------


def test_a_figure_in_words():
    fig, ax = plt.subplots()
    ax.bar(["neutral", "calm"], [96, 192])
    ax.set(title="Recordings", ylabel="recordings (count)")
    assert descriptions.figure_in_words(fig) == (
        "Recordings. Horizontal: neutral, calm. Vertical: recordings (count). "
        "Bars: neutral 96, calm 192."
    )


def test_a_figure_of_several_panels_in_words():
    fig, axes = plt.subplots(1, 2, layout="constrained")
    for ax, title in zip(axes, ("sad", "angry"), strict=True):
        image = ax.imshow(np.zeros((2, 2)))
        ax.set(title=title, xlabel="time (s)", ylabel="frequency (Hz)")
    axes[0].plot([0, 1], label="pitch")
    axes[0].legend()
    fig.colorbar(image, ax=axes, label="level (dB)")
    fig.suptitle("Two emotions.")
    fig.canvas.draw()
    assert descriptions.figure_in_words(fig) == (
        "Two emotions. 2 panels: sad; angry. Horizontal: time (s). "
        "Vertical: frequency (Hz). Shown: pitch. Colour: level (dB)."
    )


def test_horizontal_bars_and_twins_in_words():
    fig, ax = plt.subplots()
    ax.barh(["by row", "by actor"], [0.81, 0.534])
    ax.twinx().set_yticks([])
    assert descriptions.figure_in_words(fig) == (
        "Vertical: by row, by actor. Bars: by row 0.81, by actor 0.534."
    )


@pytest.mark.notebooks
@pytest.mark.parametrize(
    "path", notebook_files.numbered_notebooks(REPO), ids=lambda path: path.stem
)
def test_every_committed_figure_has_a_description(path):
    notebook = nbformat.read(path, as_version=4)
    figures = 0
    for number, output in notebook_files.outputs(notebook):
        if "image/png" in output.get("data", {}):
            figures += 1
            alt = output.metadata.get("image/png", {}).get("alt", "")
            assert len(alt) > 40, f"code cell {number}: run `make refresh`"
            assert "Horizontal: " in alt or "Vertical: " in alt, f"code cell {number}"
        # A picture in HTML brings its own.
        for image in re.findall(
            r"<img\b[^>]*>", output.get("data", {}).get("text/html", "")
        ):
            figures += 1
            assert re.search(r'alt="[^"]{20,}"', image), f"code cell {number}"
    assert figures > 3


@pytest.mark.notebooks
def test_jupyter_stores_the_description(tmp_path):
    """Figures get it as they are shown, and shap's do, too."""
    path = tmp_path / "1_toy.ipynb"
    source = (
        f"import sys; sys.path.insert(0, {str(REPO / 'notebooks')!r})\n"
        "import matplotlib.pyplot as plt\n"
        "from course import lesson\nfrom xai4ser import plots\n"
        "lesson.begin(); lesson.begin()\n"
        "plt.bar(['calm', 'sad'], [1, 2]); plots.show_shap('Two bars')"
    )
    cells = [nbformat.v4.new_code_cell(source)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    notebook, _ = execute.execute(path)
    shown = [o for _, o in notebook_files.outputs(notebook) if "data" in o]
    (picture,) = (o for o in shown if "image/png" in o.data)
    alt = picture.metadata["image/png"]["alt"]
    assert alt == "Two bars. Horizontal: calm, sad. Bars: calm 1, sad 2."
    assert f'alt="{alt}"' in pages.page(notebook, path)


def test_a_page_by_keyboard_alone(page, tmp_path):
    """Tab reaches the folded answer and the player; Enter and Space work them."""
    player = players.player(np.ones(16_000), 8_000, "actor 1, angry")
    cells = [
        nbformat.v4.new_markdown_cell(
            "# Toy\n\n<details><summary>Answer</summary>\n\nIt is 3.\n\n</details>"
        ),
        nbformat.v4.new_code_cell(
            "1",
            outputs=[
                nbformat.v4.new_output(
                    "display_data", {"text/html": player._repr_html_()}
                )
            ],
        ),
    ]
    file = tmp_path / "toy.html"
    notebook = nbformat.v4.new_notebook(cells=cells)
    file.write_text(pages.page(notebook, tmp_path / "toy.ipynb"))
    page.goto(file.as_uri())
    assert page.locator("html").get_attribute("lang") == "en"
    focused = "document.activeElement.tagName"
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate(focused) == "SUMMARY":
            break
    page.keyboard.press("Enter")
    assert page.get_by_text("It is 3.").is_visible()
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate(focused) == "AUDIO":
            break
    page.keyboard.press("Space")
    page.wait_for_function("document.querySelector('audio').currentTime > 0.1")
    assert page.locator("figcaption").inner_text() == "actor 1, angry"
    assert_alone(page)
