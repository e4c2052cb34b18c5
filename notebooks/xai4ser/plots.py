"""Figures that more than one cell draws.

The functions draw on matplotlib axes that they are given. Frequency is in Hz,
level in dB, time in s; a value that has a sign is drawn on a scale that is centred
on zero. Colours are those of Okabe and Ito (2008, "Color Universal Design"), which
colour-blind readers can tell apart, with a violet for their yellow, which is too
pale on white; each emotion has a line style besides.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from scipy.ndimage import gaussian_filter

from xai4ser.features import (
    BANDS,
    HOP,
    MEASURES,
    SAMPLING_RATE,
    band_frequencies,
)

BLACK, GREY = "#000000", "#808080"
SKY_BLUE, BLUE, GREEN = "#56B4E9", "#0072B2", "#009E73"
ORANGE, VERMILION, PINK, VIOLET = "#E69F00", "#D55E00", "#CC79A7", "#7800E1"
BROWN, OLIVE, TEAL = "#6B3A00", "#8A8A00", "#005F60"


class _Looks(dict):
    """Emotion -> its look. One that RAVDESS does not have takes the next of others."""

    def __init__(self, known, *others):
        super().__init__(known)
        self.known, self.others = len(self), others

    def __missing__(self, emotion):
        self[emotion] = self.others[(len(self) - self.known) % len(self.others)]
        return self[emotion]


COLOURS = _Looks(
    {
        "neutral": BLACK,
        "calm": SKY_BLUE,
        "happy": ORANGE,
        "sad": BLUE,
        "angry": VERMILION,
        "fearful": PINK,
        "disgust": GREEN,
        "surprised": VIOLET,
    },
    *(BROWN, GREY, OLIVE, TEAL),
)
LINE_STYLES = _Looks(
    zip(COLOURS, ("-", "--", "-", "--", "-", "-.", ":", "-."), strict=True),
    *(":", "-.", "--", (0, (5, 1, 1, 1, 1, 1))),
)
SIGNED = "RdBu_r"  # zero-centred: red for, blue against
SEQUENTIAL = "cividis"
READABLE = 48  # names below an axis
FREQUENCY_TICKS = (200, 500, 1000, 2000, 4000, 8000)


def use_course_style() -> None:
    """Figure settings for a page and for the last row of a classroom."""
    plt.rcParams.update(
        {
            "figure.figsize": (9, 4),
            "figure.dpi": 100,
            "savefig.dpi": 100,
            "figure.constrained_layout.use": True,
            "font.size": 12,
            "axes.titlesize": 13,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": False,
            "legend.frameon": False,
        }
    )


# --- axes -------------------------------------------------------------------


def panels(count: int, height: float, **options) -> tuple[plt.Figure, list[Axes]]:
    """A figure with ``count`` panels in two columns, and their axes in reading order.

    ``height`` is that of eight panels, in inches; ``options`` go to ``plt.subplots``.
    Lesson 3, sections 2 and 5.

    >>> figure, axes = panels(4, height=13)
    >>> len(axes), figure.get_size_inches()[1]
    (4, 6.5)
    """
    rows = -(-count // 2)
    size = (13, height * rows / 4)
    figure, axes = plt.subplots(rows, 2, figsize=size, squeeze=False, **options)
    for unused in axes.flat[count:]:
        unused.remove()
    return figure, list(axes.flat[:count])


def frequency_axis(ax: Axes, bands: int = BANDS, axis: str = "x") -> None:
    """Label an axis that counts mel bands (0 to ``bands`` - 1) in Hz."""
    centres = band_frequencies()
    ticks = [t for t in FREQUENCY_TICKS if centres[0] <= t <= centres[-1]]
    positions = np.interp(ticks, centres, np.arange(bands))
    labels = [f"{t}" for t in ticks]
    if axis == "x":
        ax.set_xticks(positions, labels)
        ax.set_xlabel("frequency (Hz, mel-spaced)")
    else:
        ax.set_yticks(positions, labels)
        ax.set_ylabel("frequency (Hz, mel-spaced)")


def draw_waveform(ax: Axes, samples: np.ndarray, sampling_rate: int) -> None:
    """Sound pressure (relative to full scale) over time (s)."""
    time = np.arange(len(samples)) / sampling_rate
    ax.plot(time, samples, color=BLUE, linewidth=0.4)
    ax.set_xlabel("time (s)")
    ax.set_ylabel("amplitude (1 = full scale)")
    ax.set_xlim(0, time[-1])


def draw_mel_levels(ax: Axes, levels: np.ndarray, seconds: np.ndarray):
    """A mel spectrogram: ``levels`` (frames, bands) in dB at ``seconds`` (frames,)."""
    mesh = ax.pcolormesh(
        seconds, np.arange(levels.shape[1]), levels.T, cmap=SEQUENTIAL, rasterized=True
    )
    frequency_axis(ax, levels.shape[1], axis="y")
    ax.set_xlabel("time (s)")
    return mesh


# --- scores -----------------------------------------------------------------


def draw_confusion_matrix(ax: Axes, counts: np.ndarray, class_names, title: str):
    """Rows: the emotion acted; columns: the answer. Per cent of each row.

    ``counts`` (classes, classes) holds numbers of recordings. Every cell shows
    its percentage, in a colour that is legible on its background.
    """
    share = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    image = ax.imshow(share, cmap="Blues", vmin=0, vmax=100)
    for row, column in np.ndindex(*share.shape):
        colour = "white" if share[row, column] > 71 else "black"
        ax.text(
            column,
            row,
            f"{share[row, column]:.0f}",
            ha="center",
            va="center",
            color=colour,
            fontsize=11,
        )
    ax.set_xticks(range(len(class_names)), class_names, rotation=40, ha="right")
    ax.set_yticks(range(len(class_names)), class_names)
    ax.set_xlabel("answer")
    ax.set_ylabel("acted emotion")
    ax.set_title(title)
    return image


def draw_learning_curves(history: dict) -> plt.Figure:
    """Loss and accuracy of training and validation over the epochs, side by side.

    ``history`` as :func:`xai4ser.network.train` returns it.
    """
    figure, axes = plt.subplots(1, 2, figsize=(11, 4))
    epochs = np.arange(1, len(history["loss"]) + 1)
    for ax, quantity, unit in (
        (axes[0], "loss", "cross-entropy (nats)"),
        (axes[1], "accuracy", "accuracy (share of rows)"),
    ):
        ax.plot(epochs, history[quantity], color=BLUE, label="training actors")
        ax.plot(
            epochs,
            history["val_" + quantity],
            color=VERMILION,
            linestyle="--",
            label="validation actors",
        )
        lowest = np.argmin(history["val_loss"]) + 1
        ax.axvline(lowest, color="black", linestyle=":", linewidth=1)
        ax.set_xlabel("epoch")
        ax.set_ylabel(unit)
        ax.grid(alpha=0.3)
        ax.legend()
    return figure


# --- explanations -----------------------------------------------------------


def draw_importance(
    ax: Axes, importance: np.ndarray, title: str, colour: str, limit: float
) -> None:
    """Importance (bands,), which has no sign, over frequency, up to ``limit``."""
    ax.plot(importance, color=colour)
    ax.fill_between(np.arange(len(importance)), importance, color=colour, alpha=0.25)
    ax.set_ylim(0, limit)
    frequency_axis(ax, len(importance))
    ax.set_title(title)


def draw_signed_map(ax: Axes, signed: np.ndarray, title: str, limit: float):
    """Attributions (bands, measures) as colours: red speaks for, blue against.

    The colours run from -``limit`` to ``limit``, so that zero is white and maps
    with one limit can be compared.
    """
    image = ax.imshow(
        signed.T,
        aspect="auto",
        cmap=SIGNED,
        vmin=-limit,
        vmax=limit,
        interpolation="nearest",
    )
    ax.set_yticks(range(len(MEASURES)), list(MEASURES))
    frequency_axis(ax, len(signed))
    ax.set_title(title)
    return image


def show_shap(title: str, width: float = 9, height: float = 5) -> None:
    """Give the figure that shap has just drawn its title and size, and show it.

    shap switches matplotlib's interactive mode off; this switches it on again, so
    that later cells show their figures.
    """
    figure = plt.gcf()
    figure.set_size_inches(width, height)
    figure.suptitle(title)
    plt.show()
    plt.ion()


# --- hearing and seeing one explanation ------------------------------------------


def draw_moments(ax: Axes, levels: np.ndarray, attribution: np.ndarray) -> None:
    """A spectrogram in grey; over it, in colour, what spoke for and against.

    ``levels`` and ``attribution`` are (frames, bands). Red in a solid line spoke for
    the emotion, blue in a dashed line against it. For the eye alone the attribution is
    smoothed over neighbouring frames and bands; the deepest colour stands at the
    99.5th percentile of its size.
    """
    smooth = gaussian_filter(attribution, 2).T  # (bands, frames)
    limit = np.quantile(np.abs(smooth), 0.995) + 1e-12
    seconds = len(levels) * HOP / SAMPLING_RATE
    place = {
        "extent": (0, seconds, -0.5, levels.shape[1] - 0.5),
        "origin": "lower",
        "aspect": "auto",
    }
    loudest = levels.max()
    grey = {"cmap": "gray_r", "interpolation": "nearest"}
    ax.imshow(levels.T, vmin=loudest - 80, vmax=loudest, **grey, **place)
    colours = plt.get_cmap(SIGNED)(0.5 + 0.5 * np.clip(smooth / limit, -1, 1))
    colours[..., 3] = 0.8 * np.clip(np.abs(smooth) / limit, 0, 1)
    ax.imshow(colours, interpolation="bilinear", **place)
    for sign, colour, style in ((1, "#8B0000", "solid"), (-1, "#00008B", "dashed")):
        if (sign * smooth).max() > limit / 3:
            ax.contour(
                sign * smooth,
                [limit / 3],
                colors=colour,
                linestyles=style,
                linewidths=0.9,
                extent=place["extent"],
            )
    heard = np.flatnonzero(np.abs(attribution).sum(axis=1)) * HOP / SAMPLING_RATE
    ax.set_xlim(max(0, heard[0] - 0.1), min(seconds, heard[-1] + 0.1))
    ax.set_xlabel("time (s)")
    frequency_axis(ax, levels.shape[1], axis="y")


def draw_spoken(ax: Axes, attribution: np.ndarray, left_out=None) -> None:
    """What each band added, (bands,), over frequency from bottom to top.

    Bands in ``left_out`` (bands,), if given, are hatched.
    """
    bands = np.arange(len(attribution))
    for sign, colour in ((1, VERMILION), (-1, BLUE)):
        part = np.where(sign * attribution > 0, attribution, 0)
        ax.fill_betweenx(bands, part, color=colour, linewidth=0)
    ax.axvline(0, color="black", linewidth=0.8)
    if left_out is not None:
        limit = np.abs(attribution).max()
        ax.fill_betweenx(
            bands,
            -limit,
            limit,
            where=left_out,
            facecolor="none",
            edgecolor="grey",
            hatch="///",
            linewidth=0,
            step="mid",
        )
    ax.set_ylim(-0.5, len(bands) - 0.5)
    ax.set_xlabel("against ← score → for")
    frequency_axis(ax, len(bands), axis="y")


def draw_voice(axes, voice, attribution: np.ndarray) -> None:
    """Importance, pitch, level and brightness over time, on four axes.

    ``voice`` as :func:`xai4ser.listen.voice_over_time` returns it; ``attribution``
    (frames, bands). Only the spoken frames are drawn.
    """
    spoken = voice["is_spoken"].to_numpy()
    tracks = {
        "importance\n(score)": np.abs(attribution).sum(axis=1),
        "pitch\n(Hz)": voice["pitch"],
        "level\n(dB)": voice["level"],
        "brightness\n(dB)": voice["brightness"],
    }
    for number, (ax, (name, values)) in enumerate(
        zip(axes, tracks.items(), strict=True)
    ):
        values = np.where(spoken, values, np.nan)
        colour = BLACK if number == 0 else BLUE
        ax.plot(voice["seconds"], values, ".-", color=colour, markersize=3, lw=1)
        ax.set_ylabel(name)
        ax.grid(alpha=0.3)
    axes[-1].set_xlabel("time (s)")


def draw_probabilities(ax: Axes, probabilities: np.ndarray, emotions) -> None:
    """The probabilities (emotions,) of ``emotions`` as bars with their figures."""
    colours = [COLOURS[emotion] for emotion in emotions]
    bars = ax.barh(range(len(emotions)), 100 * probabilities, color=colours)
    ax.bar_label(bars, fmt="%.0f", padding=3)
    ax.set_yticks(range(len(emotions)), emotions)
    ax.invert_yaxis()
    ax.set_xlim(0, 112)
    ax.set_xlabel("probability (%)")


# --- tests of an explanation --------------------------------------------------


def draw_lines(ax: Axes, x, lines: dict, xlabel: str, ylabel: str, title: str) -> None:
    """Up to five ``lines``, name -> (points,), over ``x`` (points,), with a zero line.

    ``x`` holds numbers, or names, which are put at equal distances. The lines differ in
    style and marker as well as in colour. Raises ValueError for more lines.
    """
    if len(list(lines)) > 5:  # a data frame counts its rows, and lists its columns
        raise ValueError("More than five lines: draw some of them in another panel.")
    colours = (BLUE, VERMILION, PINK, GREEN, ORANGE)
    looks = zip(colours, ("-", "--", ":", "-.", "-"), "os^Dv", strict=True)
    for (name, line), (colour, style, marker) in zip(
        lines.items(), looks, strict=False
    ):
        ax.plot(
            x,
            line,
            linestyle=style,
            marker=marker,
            color=colour,
            linewidth=2,
            alpha=0.85,
            label=name,
        )
    ax.axhline(0, color="black", linewidth=0.6)
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)


def draw_per_actor(ax: Axes, results, xlabel: str, title: str) -> None:
    """A bar for the mean of each column, and a dot for each actor.

    ``results`` is a data frame (actors, explanations); the first column is on top.
    """
    names = [str(name) for name in results]
    ax.barh(names, results.mean(), color=SKY_BLUE)
    for name, column in zip(names, results, strict=True):
        ax.plot(results[column], [name] * len(results), "ko", markersize=6, alpha=0.6)
    ax.set_ylim(len(names) - 0.5, -0.5)  # right on axes that are shared, too
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set(xlabel=xlabel, title=title)


# --- items of evidence ----------------------------------------------------------


def draw_items(ax: Axes, added, title: str, count: int = 6) -> None:
    """The ``count`` strongest items as signed bars, the strongest on top.

    ``added`` is a series: name of the item -> what it added to the score. Red added to
    the score, blue took away from it. Lesson 3, section 2.
    """
    strongest = added[added.abs().sort_values(ascending=False).index][:count][::-1]
    colours = [VERMILION if value > 0 else BLUE for value in strongest]
    bars = ax.barh(list(strongest.index), strongest, color=colours)
    for bar, value in zip(bars, strongest, strict=True):
        bar.set_hatch("" if value > 0 else "//")
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_title(title)


# --- a training and a score ------------------------------------------------------


def draw_training(log, lowest: float, groups: tuple[str, ...]) -> plt.Figure:
    """Loss and unweighted average recall over the epochs, side by side.

    ``log`` is a data frame with a row per logged epoch and the columns "epoch", "as
    trained" (the loss that training makes small), and for each of one or two ``groups``
    of actors its plain cross-entropy ("... loss") and its recall ("... UAR").
    ``lowest`` is the smallest loss that smoothed labels allow. Lesson 2, section 5.
    """
    figure, (of_loss, of_recall) = plt.subplots(1, 2, figsize=(11, 4))
    of_loss.plot(
        log["epoch"], log["as trained"], "-s", color=GREY, label="as trained, altered"
    )
    looks = ((BLUE, "-o"), (VERMILION, "--^"))
    for name, (colour, style) in zip(groups, looks, strict=False):
        for ax, quantity in ((of_loss, "loss"), (of_recall, "UAR")):
            values = log[f"{name} {quantity}"]
            ax.plot(log["epoch"], values, style, color=colour, label=f"{name} actors")
    of_loss.axhline(lowest, color="black", linestyle=":", label="least with smoothing")
    of_loss.set(xlabel="epoch", ylabel="cross-entropy (nats)", title="Loss")
    of_recall.set(xlabel="epoch", ylabel="unweighted average recall (share)")
    of_recall.set(title="Recall", ylim=(0, 1.03))
    for ax in (of_loss, of_recall):
        ax.set_ylim(bottom=0)
        ax.grid(alpha=0.3)
        ax.legend()
    return figure


def draw_actors(ax: Axes, of_actor, is_woman, chance: float, title: str) -> None:
    """A bar for the share recognised of each actor, sorted, with mean and chance.

    ``of_actor`` is a series (actors,), ``is_woman`` (actors,) hatches bars. More actors
    than can be read are not named. Lesson 2.
    """
    order = np.argsort(of_actor.to_numpy())
    is_woman = np.asarray(is_woman)[order]
    ax.bar(
        of_actor.index[order].astype(str),
        of_actor.to_numpy()[order],
        color=np.where(is_woman, ORANGE, BLUE),
        hatch=["//" if woman else "" for woman in is_woman],
        edgecolor="white",
    )
    ax.axhline(of_actor.mean(), color="black", linewidth=1.2)
    ax.axhline(chance, color="black", linestyle=":")
    for height, text in ((of_actor.mean(), "mean"), (chance, "chance")):
        ax.text(len(order) - 0.3, height, text, va="bottom", fontsize=11)
    ax.set(xlabel="actor (hatched: women)", ylabel="UAR (share)", ylim=(0, 1))
    if not is_woman.any():
        ax.set_xlabel("actor")
    if len(order) > READABLE:
        ax.set_xticks([])
    else:
        long = max(map(len, of_actor.index.astype(str))) > 2
        ax.tick_params(axis="x", labelrotation=90 * long)
    ax.set_xlim(-0.8, len(order) + 0.9)
    ax.set_title(title)


def draw_growth(ax: Axes, recalls_of: dict[int, list[float]], title: str) -> None:
    """Recall over the number of actors learned from: mean and standard deviation.

    ``recalls_of``: number of actors -> recalls of several draws. Lesson 2.
    """
    counts = [count for count, recalls in recalls_of.items() if recalls]
    means = [np.mean(recalls_of[count]) for count in counts]
    spreads = [np.std(recalls_of[count], ddof=1) for count in counts]
    ax.errorbar(counts, means, spreads, marker="o", capsize=4, color=BLUE)
    ax.set(xlabel="actors learned from", ylabel="UAR (share)", xticks=counts)
    ax.set(ylim=(0, max([0.7, *means])), title=title)


def draw_ladder(ax: Axes, recalls: dict, chance: float, title: str) -> None:
    """Bars with their figures from top to bottom, and a dotted line for chance.

    ``recalls``: what was done -> unweighted average recall. Lesson 2.
    """
    bars = ax.barh(list(recalls), list(recalls.values()), color=SKY_BLUE)
    ax.bar_label(bars, fmt="%.2f", padding=4)
    ax.axvline(chance, color="black", linestyle=":", label="chance")
    ax.set(xlim=(0, 1), xlabel="unweighted average recall (share)", title=title)
    ax.invert_yaxis()
    ax.legend(loc="lower right")
