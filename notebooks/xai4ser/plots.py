"""Figures that more than one cell draws.

The functions draw on matplotlib axes that they are given. Frequency is in Hz,
level in dB, time in s; a value that has a sign is drawn on a scale that is centred
on zero. Colours are those of Okabe and Ito (2008, "Color Universal Design"), which
colour-blind readers can tell apart, with a violet for their yellow, which is too
pale on white; each emotion has a line style besides.
"""

import librosa
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from scipy.ndimage import gaussian_filter

from xai4ser.features import (
    BANDS,
    HOP,
    MEASURES,
    SAMPLING_RATE,
    UNITS,
    WINDOW,
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
    """Figure settings for a page and for the last row of a classroom.

    >>> use_course_style()
    >>> plt.rcParams["figure.constrained_layout.use"]
    True
    """
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
    >>> len(axes), figure.get_size_inches()[1].item()
    (4, 6.5)
    """
    rows = -(-count // 2)
    size = (13, height * rows / 4)
    figure, axes = plt.subplots(rows, 2, figsize=size, squeeze=False, **options)
    for unused in axes.flat[count:]:
        unused.remove()
    return figure, list(axes.flat[:count])


def frequency_axis(ax: Axes, bands: int = BANDS, axis: str = "x") -> None:
    """Label an axis that counts mel bands (0 to ``bands`` - 1) in Hz.

    >>> ax = plt.figure().subplots()
    >>> frequency_axis(ax)
    >>> ax.get_xlabel()
    'frequency (Hz, mel-spaced)'
    """
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
    """Sound pressure (relative to full scale) over time (s).

    >>> ax = plt.figure().subplots()
    >>> draw_waveform(ax, np.sin(np.arange(2205) / 10), 22_050)
    >>> ax.get_xlabel(), round(float(ax.get_xlim()[1]), 1)
    ('time (s)', 0.1)
    """
    time = np.arange(len(samples)) / sampling_rate
    ax.plot(time, samples, color=BLUE, linewidth=0.4)
    ax.set_xlabel("time (s)")
    ax.set_ylabel("amplitude (1 = full scale)")
    ax.set_xlim(0, time[-1])


def draw_mel_levels(ax: Axes, levels: np.ndarray, seconds: np.ndarray):
    """A mel spectrogram: ``levels`` (frames, bands) in dB at ``seconds`` (frames,).

    >>> ax = plt.figure().subplots()
    >>> mesh = draw_mel_levels(ax, np.zeros((10, BANDS)), np.arange(10) / 86)
    >>> ax.get_ylabel()
    'frequency (Hz, mel-spaced)'
    """
    mesh = ax.pcolormesh(
        seconds, np.arange(levels.shape[1]), levels.T, cmap=SEQUENTIAL, rasterized=True
    )
    frequency_axis(ax, levels.shape[1], axis="y")
    ax.set_xlabel("time (s)")
    return mesh


def draw_shaded(ax: Axes, seconds, values, where, ylabel: str, title: str) -> None:
    """A curve over time, (frames,), with the frames shaded in which ``where`` is true.

    ``seconds``, ``values`` and ``where`` are (frames,). Lesson 1, section 5.

    >>> ax, time = plt.figure().subplots(), np.arange(10) / 86
    >>> draw_shaded(ax, time, time - 1, time > 0.05, "level (dB)", "Speech")
    >>> ax.get_ylabel()
    'level (dB)'
    """
    ax.plot(seconds, values, color=BLUE)
    low, high = ax.get_ylim()
    ax.fill_between(seconds, low, high, where=where, color=ORANGE, alpha=0.3)
    ax.set(xlabel="time (s)", ylabel=ylabel, ylim=(low, high), title=title)


def draw_mel_row(panels: dict, limits: tuple[float, float]) -> plt.Figure:
    """Mel spectrograms side by side on one scale of colours from low to high (dB).

    ``panels``: title -> levels (frames, bands) in dB. Lesson 1, sections 4 and 5.

    >>> silence = np.full((10, BANDS), -100.0)
    >>> figure = draw_mel_row({"clean": silence, "noisy": silence + 20}, (-100, 0))
    >>> [ax.get_title() for ax in figure.axes[:2]]
    ['clean', 'noisy']
    """
    shared = {"sharex": True, "sharey": True, "squeeze": False}
    size = {"figsize": (min(6 * len(panels), 13), 4)}
    figure, axes = plt.subplots(1, len(panels), **shared, **size)
    for ax, (title, levels) in zip(axes.flat, panels.items(), strict=True):
        seconds = np.arange(len(levels)) * HOP / SAMPLING_RATE
        mesh = draw_mel_levels(ax, levels, seconds)
        mesh.set_clim(*limits)
        ax.set_title(title)
    for ax in axes.flat[1:]:
        ax.set_ylabel("")
    figure.colorbar(mesh, ax=axes, label="level (dB)")
    return figure


def draw_voice_on_spectrogram(ax: Axes, samples, pitch, frames, word: str):
    """A spectrogram to 3500 Hz; the pitch as a line, and one word marked.

    ``samples`` (samples,) at SAMPLING_RATE; ``pitch`` (frames,) in Hz, nan where there
    is none; ``frames`` are the numbers of those in ``word``, whose first harmonics are
    dotted. Lesson 1, section 4.

    >>> ax, tone = plt.figure().subplots(), np.sin(np.arange(4 * HOP) / 20)
    >>> mesh = draw_voice_on_spectrogram(ax, tone, np.full(5, 175.0), [3, 4], "door")
    >>> ax.get_ylim()
    (np.float64(0.0), np.float64(3500.0))
    """
    power = np.abs(librosa.stft(samples, n_fft=WINDOW, hop_length=HOP)) ** 2
    frequencies = np.arange(len(power)) * SAMPLING_RATE / WINDOW
    seconds = np.arange(power.shape[1]) * HOP / SAMPLING_RATE
    levels = librosa.power_to_db(power, ref=1.0, top_db=75)
    mesh = ax.pcolormesh(seconds, frequencies, levels, cmap=SEQUENTIAL, rasterized=True)
    ax.plot(seconds, pitch, color="white", linewidth=3)
    ax.plot(seconds, pitch, color=VERMILION, linewidth=1.8, label="pitch")
    for harmonic in range(2, 6):
        look = {"color": "white", "linestyle": ":", "linewidth": 1.8}
        look |= {"label": "its multiples: harmonics"} if harmonic == 2 else {}
        ax.plot(seconds[frames], harmonic * pitch[frames], **look)
    first, last = seconds[frames[0]], seconds[frames[-1]]
    ax.axvline(first, color="white", linestyle="--", linewidth=1)
    ax.text((first + last) / 2, 3300, word, color="white", ha="center", va="top")
    voice = np.flatnonzero(np.isfinite(pitch))[[0, -1]]
    ax.set_xlim(seconds[voice[0]] - 0.2, seconds[voice[1]] + 0.3)
    ax.set(ylim=(0, 3500), xlabel="time (s)", ylabel="frequency (Hz)")
    return mesh


def draw_descriptions(panels: dict, looks: dict) -> plt.Figure:
    """What each band does, a panel for each measure, a curve for each recording.

    ``panels``: name -> (bands, measures); ``looks``: name -> the emotion whose colour
    and line it has. Lesson 1, section 5.

    >>> figure = draw_descriptions({"a": np.zeros((BANDS, 8))}, {"a": "sad"})
    >>> figure.axes[0].get_ylabel()
    'level (dB)'
    """
    figure, axes = plt.subplots(4, 2, figsize=(13, 10), sharex=True)
    for index, (ax, measure) in enumerate(zip(axes.flat, MEASURES, strict=True)):
        for name, described in panels.items():
            ax.plot(described[:, index], label=name, **look_of(looks[name]))
        ax.set_ylabel(f"{measure} ({UNITS[measure]})")
    for ax in axes[-1]:
        frequency_axis(ax)
    axes[0, 0].legend(fontsize=10)
    return figure


def look_of(emotion: str) -> dict:
    """Colour and line of an emotion. Lesson 1, through the functions around this.

    >>> look_of("sad")
    {'color': '#0072B2', 'linestyle': '--'}
    """
    return {"color": COLOURS[emotion], "linestyle": LINE_STYLES[emotion]}


def draw_levels_of_emotions(ax: Axes, levels, emotions) -> None:
    """Mean level of each emotion, less that of all, over frequency.

    ``levels`` is a data frame (recordings, bands) in dB, ``emotions`` a series
    (recordings,). Lesson 1, section 0.

    >>> import pandas as pd
    >>> ax, levels = plt.figure().subplots(), pd.DataFrame(np.zeros((2, BANDS)))
    >>> draw_levels_of_emotions(ax, levels, pd.Series(["calm", "sad"]))
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['calm', 'sad']
    """
    means = levels.groupby(emotions, sort=False, observed=True).mean()
    for emotion, curve in (means - means.mean()).iterrows():
        ax.plot(curve.to_numpy(), label=emotion, linewidth=2, **look_of(emotion))
    ax.axhline(0, color="black", linewidth=0.6)
    frequency_axis(ax, levels.shape[1])
    ax.set_ylabel("mean level less that of all (dB)")
    ax.legend(ncols=2, loc="center left", bbox_to_anchor=(1, 0.5))


# --- scores -----------------------------------------------------------------


def draw_confusion_matrix(ax: Axes, counts: np.ndarray, class_names, title: str):
    """Rows: the emotion acted; columns: the answer. Per cent of each row.

    ``counts`` (classes, classes) holds numbers of recordings. Every cell shows
    its percentage, in a colour that is legible on its background.

    >>> ax = plt.figure().subplots()
    >>> _ = draw_confusion_matrix(ax, np.array([[3, 1], [0, 4]]), ["calm", "sad"], "")
    >>> [text.get_text() for text in ax.texts]
    ['75', '25', '0', '100']
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


# --- explanations -----------------------------------------------------------


def draw_importance(
    ax: Axes, importance: np.ndarray, title: str, colour: str, limit: float
) -> None:
    """Importance (bands,), which has no sign, over frequency, up to ``limit``.

    >>> ax = plt.figure().subplots()
    >>> draw_importance(ax, np.ones(BANDS), "sad", BLUE, limit=2)
    >>> ax.get_ylim()
    (np.float64(0.0), np.float64(2.0))
    """
    ax.plot(importance, color=colour)
    ax.fill_between(np.arange(len(importance)), importance, color=colour, alpha=0.25)
    ax.set_ylim(0, limit)
    frequency_axis(ax, len(importance))
    ax.set_title(title)


def draw_signed_map(ax: Axes, signed: np.ndarray, title: str, limit: float):
    """Attributions (bands, measures) as colours: red speaks for, blue against.

    The colours run from -``limit`` to ``limit``, so that zero is white and maps
    with one limit can be compared.

    >>> ax = plt.figure().subplots()
    >>> image = draw_signed_map(ax, np.zeros((BANDS, len(MEASURES))), "sad", limit=2)
    >>> image.get_clim()
    (-2.0, 2.0)
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

    >>> _ = plt.figure()  # as shap leaves one behind
    >>> show_shap("What spoke for sad")
    >>> plt.isinteractive()
    True
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

    >>> ax = plt.figure().subplots()
    >>> levels = np.random.default_rng(0).normal(-40, 10, (60, BANDS))
    >>> draw_moments(ax, levels, attribution=levels + 40)
    >>> ax.get_xlabel()
    'time (s)'
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


def draw_gain(ax: Axes, gain: np.ndarray) -> None:
    """A ``gain`` (bands,) in dB over frequency from bottom to top. Lesson 5.

    >>> ax = plt.figure().subplots()
    >>> draw_gain(ax, np.linspace(-6, 6, BANDS))
    >>> ax.get_xlabel()
    'gain (dB)'
    """
    bands = np.arange(len(gain))
    ax.plot(gain, bands, color=BLACK, linewidth=2)
    ax.axvline(0, color="black", linewidth=0.8)
    limit = 1.1 * max(1.0, np.abs(gain).max())
    ax.set(xlim=(-limit, limit), ylim=(-0.5, len(bands) - 0.5), xlabel="gain (dB)")
    frequency_axis(ax, len(bands), axis="y")


def draw_voice(axes, voice, attribution: np.ndarray) -> None:
    """Importance, pitch, level and brightness over time, on four axes.

    ``voice`` as :func:`xai4ser.listen.voice_over_time` returns it; ``attribution``
    (frames, bands). Only the spoken frames are drawn.

    >>> import pandas as pd
    >>> axes = plt.figure().subplots(4)
    >>> voice = pd.DataFrame({"is_spoken": [True, True], "seconds": [0.0, 0.012],
    ...                       "pitch": 200, "level": -20, "brightness": 0})
    >>> draw_voice(axes, voice, np.ones((2, BANDS)))
    >>> axes[-1].get_xlabel()
    'time (s)'
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
    """The probabilities (emotions,) of ``emotions`` as bars with their figures.

    >>> ax = plt.figure().subplots()
    >>> draw_probabilities(ax, np.array([0.25, 0.75]), ["calm", "sad"])
    >>> [text.get_text() for text in ax.texts]
    ['25', '75']
    """
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

    >>> ax = plt.figure().subplots()
    >>> draw_lines(ax, [0, 50], {"SHAP": [3, 1]}, "gone (%)", "score", "Deletion")
    >>> ax.get_legend_handles_labels()[1]
    ['SHAP']
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

    >>> import pandas as pd
    >>> ax = plt.figure().subplots()
    >>> results = pd.DataFrame({"SHAP": [1.0, 3.0]}, index=[5, 19])  # two actors
    >>> draw_per_actor(ax, results, "fall of the score", "Deletion")
    >>> float(ax.patches[0].get_width())
    2.0
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

    >>> import pandas as pd
    >>> ax = plt.figure().subplots()
    >>> draw_items(ax, pd.Series({"pitch": -1.0, "loudness": 2.0}), "angry")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['pitch', 'loudness']
    """
    strongest = added[added.abs().sort_values(ascending=False).index][:count][::-1]
    colours = [VERMILION if value > 0 else BLUE for value in strongest]
    bars = ax.barh(list(strongest.index), strongest, color=colours)
    for bar, value in zip(bars, strongest, strict=True):
        bar.set_hatch("" if value > 0 else "//")
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_title(title)


def draw_repeated(ax: Axes, added, title: str, count: int = 12) -> None:
    """The ``count`` strongest items of one explanation, and of others made otherwise.

    ``added`` is a data frame: an item a row, an explanation a column. The first column
    decides which items are shown and is drawn as bars, the others as marks. Lesson 3,
    section 6.

    >>> import pandas as pd
    >>> ax = plt.figure().subplots()
    >>> columns = {"as explained": [0.9, -0.2], "another seed": [0.8, -0.3]}
    >>> draw_repeated(ax, pd.DataFrame(columns, ["loudness", "pitch"]), "angry")
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['loudness', 'pitch']
    """
    first, *others = added.columns
    shown = added.loc[added[first].abs().nlargest(count).index]
    lines = np.arange(len(shown))
    ax.barh(lines, shown[first], color=SKY_BLUE, alpha=0.6, label=first)
    colours = (GREY, BLACK, GREEN, VERMILION, VIOLET)
    for name, colour, marker in zip(others, colours, "|os^v", strict=False):
        look = {"color": colour, "markersize": 8, "label": name}
        ax.plot(shown[name], lines, marker, markeredgewidth=2, fillstyle="none", **look)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_yticks(lines, list(shown.index))
    ax.set_ylim(len(lines) - 0.5, -0.5)
    ax.set_title(title)


# --- a training and a score ------------------------------------------------------


def draw_training(log, lowest: float, groups: tuple[str, ...]) -> plt.Figure:
    """Loss and unweighted average recall over the epochs, side by side.

    ``log`` is a data frame with a row per logged epoch and the columns "epoch", "as
    trained" (the loss that training makes small), and for each of one or two ``groups``
    of actors its plain cross-entropy ("... loss") and its recall ("... UAR").
    ``lowest`` is the smallest loss that smoothed labels allow. Lesson 2, section 5.

    >>> import pandas as pd
    >>> columns = ["epoch", "as trained", "a loss", "a UAR", "b loss", "b UAR"]
    >>> log = pd.DataFrame([[1, 2, 2, 0.2, 2, 0.2], [2, 1, 1, 0.8, 1.5, 0.5]],
    ...                    columns=columns)
    >>> len(draw_training(log, lowest=0.7, groups=("a", "b")).axes)
    2
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

    >>> import pandas as pd
    >>> ax = plt.figure().subplots()
    >>> draw_actors(ax, pd.Series({5: 0.4, 8: 0.6}), [False, True], 0.125, "Two actors")
    >>> ax.get_ylabel()
    'UAR (share)'
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

    >>> ax = plt.figure().subplots()
    >>> draw_growth(ax, {4: [0.3, 0.4], 8: [0.5, 0.4]}, "More actors")
    >>> ax.get_xlabel()
    'actors learned from'
    """
    counts = [count for count, recalls in recalls_of.items() if recalls]
    means = [np.mean(recalls_of[count]) for count in counts]
    spreads = [np.std(recalls_of[count], ddof=1) for count in counts]
    ax.errorbar(counts, means, spreads, marker="o", capsize=4, color=BLUE)
    ax.set(xlabel="actors learned from", ylabel="UAR (share)", xticks=counts)
    highest = [mean + spread for mean, spread in zip(means, spreads, strict=True)]
    ax.set(ylim=(0, max([0.7, *highest])), title=title)


def draw_ladder(ax: Axes, recalls: dict, chance: float, title: str) -> None:
    """Bars with their figures from top to bottom, and a dotted line for chance.

    ``recalls``: what was done -> unweighted average recall. Lesson 2.

    >>> ax = plt.figure().subplots()
    >>> draw_ladder(ax, {"recording": 0.8, "actor": 0.5}, 0.125, "Kept together")
    >>> [text.get_text() for text in ax.texts]
    ['0.80', '0.50']
    """
    bars = ax.barh(list(recalls), list(recalls.values()), color=SKY_BLUE)
    ax.bar_label(bars, fmt="%.2f", padding=4)
    ax.axvline(chance, color="black", linestyle=":", label="chance")
    ax.set(xlim=(0, 1), xlabel="unweighted average recall (share)", title=title)
    ax.invert_yaxis()
    ax.legend(loc="lower right")


# --- another corpus ----------------------------------------------------------------


def draw_scores(ax: Axes, scores, chance: float, title: str) -> None:
    """Bars with intervals from top to bottom, and a dotted line for chance.

    ``scores`` is a data frame with the columns "uar", "low" and "high", an index of
    names. Lesson 6, sections 1 and 4.

    >>> import pandas as pd
    >>> ax = plt.figure().subplots()
    >>> scores = pd.DataFrame({"uar": [0.5], "low": [0.4], "high": [0.6]}, ["home"])
    >>> draw_scores(ax, scores, 0.25, "The score")
    """
    names = [str(name) for name in scores.index]
    reach = [scores["uar"] - scores["low"], scores["high"] - scores["uar"]]
    ax.barh(names, scores["uar"], color=SKY_BLUE)
    ax.errorbar(scores["uar"], names, xerr=reach, fmt="none", ecolor=BLACK, capsize=5)
    for name, value, high in zip(names, scores["uar"], scores["high"], strict=True):
        ax.text(max(value, high) + 0.02, name, f"{value:.2f}", va="center")
    ax.axvline(chance, color="black", linestyle=":", label="chance")
    ax.set(xlim=(0, 1), xlabel="unweighted average recall (share)", title=title)
    ax.invert_yaxis()
    ax.legend(loc="lower right")


def draw_carried(ax: Axes, apart, title: str, named: int = 6) -> None:
    """Each item of evidence at what it separates at home (across) and elsewhere (up).

    ``apart`` is a data frame of items with the columns "at home", "elsewhere", and
    "low" and "high", an interval of the second; the ``named`` items with the largest
    values in either get their names. On the diagonal an item carries; on the zero line
    it is lost. Lesson 6, section 1.

    >>> import pandas as pd
    >>> ax = plt.figure().subplots()
    >>> columns = ["at home", "elsewhere", "low", "high"]
    >>> apart = pd.DataFrame([[1.0, 0.1, 0.0, 0.3]], ["loudness"], columns)
    >>> draw_carried(ax, apart, "The evidence")
    """
    size = apart[["at home", "elsewhere"]].abs().max(axis=1)
    chosen = apart.loc[size.nlargest(named).index]
    reach = [chosen["elsewhere"] - chosen["low"], chosen["high"] - chosen["elsewhere"]]
    ax.errorbar(
        chosen["at home"], chosen["elsewhere"], reach, fmt="none", ecolor=GREY, lw=1
    )
    ax.scatter(apart["at home"], apart["elsewhere"], color=SKY_BLUE, edgecolor=BLACK)
    ax.scatter(chosen["at home"], chosen["elsewhere"], color=VERMILION, edgecolor=BLACK)
    lowest, highest = apart[["at home", "elsewhere"]].min().min(), size.max()
    ax.plot([lowest, highest], [lowest, highest], color=BLACK, lw=1, ls="--")
    ax.axhline(0, color=BLACK, lw=0.8)
    ax.axvline(0, color=BLACK, lw=0.8)
    height = -np.inf  # of the label below, so that none covers another
    gap = 0.045 * np.ptp(ax.get_ylim())
    for name, row in chosen.sort_values("elsewhere").iterrows():
        height = max(height + gap, row["elsewhere"])
        where = row["at home"], row["elsewhere"]
        place = row["at home"] + 0.015 * np.ptp(ax.get_xlim()), height
        ax.annotate(name, where, place, fontsize=11)
    ax.set(xlabel="separation at home (score)", ylabel="separation elsewhere (score)")
    ax.set_title(title)


def draw_square(ax: Axes, values, title: str, limits=(0.0, 1.0)) -> None:
    """A square of numbers as colours and figures; ``values`` is a data frame.

    Its index and columns, with their names, label the axes. Lesson 6, sections 1, 5
    and 6.

    >>> import pandas as pd
    >>> ax = plt.figure().subplots()
    >>> draw_square(ax, pd.DataFrame([[0.7]], ["URDU"], ["URDU"]), "Scores")
    """
    ax.imshow(values, cmap=SEQUENTIAL, vmin=limits[0], vmax=limits[1])
    middle = sum(limits) / 2
    for row, of_row in enumerate(values.to_numpy()):
        for column, value in enumerate(of_row):
            colour = BLACK if value > middle else "white"
            ax.text(column, row, f"{value:.2f}", ha="center", va="center", color=colour)
    ax.set_xticks(range(values.shape[1]), values.columns)
    ax.set_yticks(range(values.shape[0]), values.index)
    ax.set(xlabel=values.columns.name, ylabel=values.index.name, title=title)


# --- for whom an explanation holds -------------------------------------------------


def draw_people(ax: Axes, of_actors, is_woman, interval, title: str) -> None:
    """A mark for each actor and the interval of their mean, a line for each column.

    ``of_actors`` is a data frame (actors, items), its first column on top; ``is_woman``
    (actors,) tells triangles from circles; ``interval`` (2, items) is the thick line.
    Lesson 7.

    >>> import pandas as pd
    >>> of_actors = pd.DataFrame({"pitch": [0.1, 0.3], "level": [-0.2, 0.4]})
    >>> figure, ax = plt.subplots()
    >>> draw_people(ax, of_actors, [True, False], [[0.1, -0.2], [0.3, 0.4]], "calm")
    >>> plt.close(figure)
    """
    lines, is_woman = np.arange(of_actors.shape[1]), np.asarray(is_woman)
    ax.hlines(
        lines, *interval, color=BLACK, linewidth=6, alpha=0.45, label="mean, 95 %"
    )
    looks = {
        "women": (is_woman, "^", ORANGE, 0.16),
        "men": (~is_woman, "o", BLUE, -0.16),
    }
    for name, (who, marker, colour, above) in looks.items():
        values, places = of_actors.to_numpy()[who], lines - above
        places = np.broadcast_to(places, values.shape)
        look = {"color": colour, "markersize": 5, "alpha": 0.7, "label": name}
        ax.plot(values.ravel(), places.ravel(), marker, **look)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_yticks(lines, list(of_actors))
    ax.set_ylim(len(lines) - 0.5, -0.5)
    ax.set_title(title)


def draw_signs(ax: Axes, signs, title: str) -> None:
    """A field for each row and column: red with + for more, blue with - for less.

    ``signs`` is a data frame that holds 1, 0 and -1. Lesson 7.

    >>> import pandas as pd
    >>> figure, ax = plt.subplots()
    >>> draw_signs(ax, pd.DataFrame({"sad": [-1, 1]}, ["loudness", "duration"]), "")
    >>> plt.close(figure)
    """
    ax.imshow(0.55 * signs.to_numpy(float), cmap=SIGNED, vmin=-1, vmax=1, aspect="auto")
    for row, column in np.ndindex(signs.shape):
        text = {1: "+", 0: "0", -1: "−"}[int(signs.iat[row, column])]
        ax.text(column, row, text, ha="center", va="center", fontsize=15)
    ax.set_xticks(range(signs.shape[1]), list(signs), rotation=40, ha="right")
    ax.set_yticks(range(len(signs)), list(signs.index))
    ax.set_title(title)
