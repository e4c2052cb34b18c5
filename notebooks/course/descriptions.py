"""Figures in words: the alternative text of every picture in the notebooks."""

import re

import matplotlib.pyplot as plt
from IPython import get_ipython
from matplotlib.axes import Axes


def figure_in_words(figure: plt.Figure) -> str:
    """What a figure shows, in words, for those who cannot see it.

    Made from its titles, axes, legends and bars, so that it is always up to date.
    What follows from the figure is said by the text around it.
    """
    bars = [ax for ax in figure.axes if ax.get_label() == "<colorbar>"]
    places = {ax.get_position().bounds: ax for ax in reversed(figure.axes)}
    panels = [ax for ax in figure.axes if ax in places.values() and ax not in bars]
    said = [figure.get_suptitle()]
    if len(panels) > 1:
        titles = _different(ax.get_title() for ax in panels)
        said.append(f"{len(panels)} panels" + (f": {'; '.join(titles)}" * bool(titles)))
    else:
        said += [ax.get_title() for ax in panels]
    across = _different(_axis_in_words(ax.xaxis) for ax in panels)
    up = _different(_axis_in_words(ax.yaxis) for ax in panels)
    across = across or _different([figure.get_supxlabel()])
    up = up or _different([figure.get_supylabel()])
    said += [f"Horizontal: {'; '.join(across)}" * bool(across)]
    said += [f"Vertical: {'; '.join(up)}" * bool(up)]
    keys = _different(
        text.get_text()
        for ax in panels
        if ax.get_legend()
        for text in ax.get_legend().get_texts()
    )
    said += [f"Shown: {'; '.join(keys)}" * bool(keys)]
    labels = _different(ax.get_ylabel() or ax.get_xlabel() for ax in bars)
    said += [f"Colour: {'; '.join(labels)}" * bool(labels)]
    said += [_bars_in_words(ax) for ax in panels]
    return " ".join(f"{text.rstrip('.')}." for text in said if text)


def _different(texts) -> list[str]:
    """The texts that are not empty, each once, in order."""
    return list(dict.fromkeys(" ".join(text.split()) for text in texts if text))


def _names_on(axis) -> list[str]:
    """The tick labels of an axis that has words rather than numbers."""
    names = [tick.get_text() for tick in axis.get_ticklabels()]
    words = [name for name in names if "$" not in name and re.search("[a-z]", name)]
    return names if words else []


def _axis_in_words(axis) -> str:
    names = ", ".join(_different(_names_on(axis)))
    return ": ".join(filter(None, (axis.get_label().get_text(), names)))


def _bars_in_words(ax: Axes) -> str:
    """The values of the bars, if their places have names."""
    said = []
    for bars in ax.containers:
        upright = getattr(bars, "orientation", None) == "vertical"
        names = _names_on(ax.xaxis if upright else ax.yaxis)
        if hasattr(bars, "patches") and len(names) == len(bars.patches):
            sizes = [p.get_height() if upright else p.get_width() for p in bars]
            said += [
                f"{name} {size:.3g}" for name, size in zip(names, sizes, strict=True)
            ]
    return f"Bars: {', '.join(said)}" if said else ""


def describe_when_shown() -> None:
    """Let Jupyter store the description of each figure with its picture.

    It is the picture's alternative text in the pages, the slides and the site.
    """
    shell = get_ipython()
    if shell is None:
        return
    plt.switch_backend(plt.get_backend())  # Jupyter's sets its formatter only now
    formatter = shell.display_formatter.formatters["image/png"]
    draw = formatter.lookup_by_type(plt.Figure)

    def with_description(figure):
        drawn = draw(figure)
        return (
            drawn
            if isinstance(drawn, tuple)
            else (drawn, {"alt": figure_in_words(figure)})
        )

    formatter.for_type(plt.Figure, with_description)
