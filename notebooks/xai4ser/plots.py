"""Figures that more than one cell draws, and the players.

The functions draw on matplotlib axes that they are given. Frequency is in Hz,
level in dB, time in s; a value that has a sign is drawn on a scale that is centred
on zero. Colours are those of Okabe and Ito
(2008, "Color Universal Design"), which colour-blind readers can tell apart, and
each emotion has a line style besides.
"""

import base64
import io
from dataclasses import dataclass
from html import escape

import matplotlib.pyplot as plt
import numpy as np
import soundfile
from matplotlib.axes import Axes

from xai4ser.corpus import EMOTIONS
from xai4ser.features import BANDS, MEASURES, band_frequencies

OKABE_ITO = (
    "#000000",
    "#56B4E9",
    "#E69F00",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
    "#009E73",
    "#8C7A00",
)
COLOURS = dict(zip(EMOTIONS, OKABE_ITO, strict=True))
LINE_STYLES = dict(
    zip(EMOTIONS, ("-", "--", "-", "--", "-", "-.", ":", "-."), strict=True)
)
SIGNED = "RdBu_r"  # zero-centred: red for, blue against
SEQUENTIAL = "cividis"
FREQUENCY_TICKS = (200, 500, 1000, 2000, 4000, 8000)
LISTENING_LEVEL = -26.0  # dB re full scale, root mean square over the sound


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


# --- sound ------------------------------------------------------------------


@dataclass(frozen=True)
class Player:
    """A sound with its label, shown by Jupyter as an audio player."""

    samples: np.ndarray
    sampling_rate: int
    label: str

    def __repr__(self) -> str:
        seconds = len(self.samples) / self.sampling_rate
        return f"Player: {self.label} ({seconds:.1f} s)"

    def _repr_html_(self) -> str:
        buffer = io.BytesIO()
        soundfile.write(
            buffer, self.samples, self.sampling_rate, format="WAV", subtype="PCM_16"
        )
        sound = base64.b64encode(buffer.getvalue()).decode()
        label = escape(self.label)
        return (
            f'<figure class="player" aria-label="{label}"><figcaption>{label}'
            '</figcaption><audio controls preload="metadata" '
            f'src="data:audio/wav;base64,{sound}"></audio></figure>'
        )


def player(samples: np.ndarray, sampling_rate: int, label: str) -> Player:
    """A player for ``samples`` (samples,), brought to one safe listening level.

    The level (root mean square) is set to -26 dB of full scale, less where a
    peak would clip, so that players side by side are equally loud and none is
    unpleasant in headphones. Loudness differences between recordings are
    therefore *not* heard; figures show them.
    """
    samples = np.asarray(samples, dtype=np.float64)
    level = np.sqrt(np.mean(samples**2)) if len(samples) else 0.0
    if level > 0:
        gain = 10 ** (LISTENING_LEVEL / 20) / level
        samples = samples * min(gain, 0.9 / np.max(np.abs(samples)))
    return Player(samples.astype(np.float32), sampling_rate, label)


# --- axes -------------------------------------------------------------------


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
    ax.plot(time, samples, color=OKABE_ITO[3], linewidth=0.4)
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
        colour = "white" if share[row, column] > 50 else "black"
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
        ax.plot(epochs, history[quantity], color=OKABE_ITO[3], label="training actors")
        ax.plot(
            epochs,
            history["val_" + quantity],
            color=OKABE_ITO[4],
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
