"""What a student operates: an explorer, a game, and a place for their own voice.

Everything works by keyboard alone: Tab moves on, Space chooses and presses, arrows
move a slider. Choices are rows of buttons, because JupyterLab takes the arrows and
letters that a drop-down list needs for its own commands. Every figure has a
description for those who do not see it, and nothing needs a network. Without a
running kernel a panel shows a sentence instead.
"""

import base64
import io
from html import escape
from pathlib import Path

import ipywidgets as widgets
import matplotlib.pyplot as plt
import pandas as pd

from course import players
from xai4ser import audio, listen, plots
from xai4ser.features import SAMPLING_RATE
from xai4ser.ravdess import EMOTIONS, INTENSITIES, STATEMENTS

HEARD_CUES = ("pitch", "loudness", "tempo", "brightness", "roughness")
NOT_ANSWERED = "(not answered)"
WIDE = widgets.Layout(width="max-content")


def buttons(name: str, options, value=None) -> widgets.ToggleButtons:
    """A row of buttons of which one is chosen, at first ``value`` or none."""
    return widgets.ToggleButtons(
        options=options,
        value=value,
        description=name,
        style={"button_width": "max-content"},
    )


class Panel:
    """Widgets in a column; without a kernel, a sentence in their place."""

    sentence = "This panel needs a running kernel: run this cell to use it."

    def _repr_mimebundle_(self, **options):
        shown = self.box._repr_mimebundle_(**options)
        return shown | {"text/plain": self.sentence}


# --- one explanation, drawn and told -----------------------------------------


def draw_heard(
    heard: listen.Heard, emotion: str, count: int = listen.STRONGEST
) -> plt.Figure:
    """Moments and bands that spoke for ``emotion``, and the eight probabilities.

    Hatched are the ``count`` bands that the last player leaves out.
    """
    figure, (over_time, over_bands, answer) = plt.subplots(
        1, 3, figsize=(13, 4.4), width_ratios=(3, 1, 1.3)
    )
    attribution = heard.of_bands(emotion)
    plots.draw_moments(over_time, heard.levels, listen.over_time(heard, emotion))
    plots.draw_spoken(
        over_bands, listen.smoothed(attribution), listen.strongest(attribution, count)
    )
    over_bands.set_ylabel("")
    plots.draw_probabilities(answer, heard.probabilities, heard.emotions)
    over_time.set_title(f"red, solid: spoke for {emotion}; blue, dashed: against")
    over_bands.set_title("added by each band")
    answer.set_title("the network's answer")
    return figure


def answer_in_words(heard: listen.Heard, emotion: str) -> str:
    """The answer, and the three items of evidence that added most, in a sentence."""
    added = heard.items(emotion).head(3)
    parts = "; ".join(f"{name} ({value:+.2f})" for name, value in added.items())
    return (
        f"The network answers {heard.says()}. "
        f"What added most to its score for {emotion}: {parts}."
    )


def variant_players(
    listener: listen.Listener,
    heard: listen.Heard,
    emotion: str,
    count: int = listen.STRONGEST,
    silence: bool = False,
) -> players.PlayerRow:
    """The four versions of a recording, with the network's answer to each."""
    return players.player_row(
        players.player(
            sound,
            SAMPLING_RATE,
            f"{name}: {listener.says(sound)}",
        )
        for name, sound in listen.variants(heard, emotion, count, silence).items()
    )


def as_html(figure: plt.Figure, description: str) -> str:
    """``figure`` as a picture with a description; the figure is closed."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    plt.close(figure)
    picture = base64.b64encode(buffer.getvalue()).decode()
    return (
        f'<img alt="{escape(description)}" style="max-width: 100%" '
        f'src="data:image/png;base64,{picture}">'
    )


def report(
    listener: listen.Listener,
    heard: listen.Heard,
    emotion: str,
    count: int = listen.STRONGEST,
    silence: bool = False,
) -> str:
    """Sentence, figure and players for one recording, as HTML."""
    sentence = answer_in_words(heard, emotion)
    with plt.ioff():
        figure = as_html(draw_heard(heard, emotion, count), sentence)
    row = variant_players(listener, heard, emotion, count, silence)._repr_html_()
    return f"<p>{escape(sentence)}</p>{figure}{row}"


def as_error(error: ValueError) -> str:
    """What went wrong, for everybody: also announced by a screen reader."""
    return f'<p role="alert"><b>Not possible:</b> {escape(str(error))}</p>'


# --- explorer ----------------------------------------------------------------


class Explorer(Panel):
    """Choose a recording and an emotion; figure, players and answers follow.

    ``table`` has the columns of ``emoRav_data.csv``, its paths start at ``folder``;
    ``first`` is its row to begin with. Each recording is heard once and remembered.
    """

    sentence = (
        "The explorer needs a running kernel: run this cell to use it. The figure "
        "above is what it shows first."
    )

    def __init__(
        self,
        listener: listen.Listener,
        folder: Path,
        table: pd.DataFrame,
        first: pd.Series,
    ):
        self.listener, self.folder, self.table = listener, Path(folder), table
        self.heard: dict[str, listen.Heard] = {}
        choices = {
            "actor": (sorted(table["actor"].unique().tolist()), first["actor"]),
            "emotion": (EMOTIONS, first["emotion"]),
            "intensity": (INTENSITIES, first["intensity"]),
            "statement": (
                [(text, n) for n, text in enumerate(STATEMENTS, start=1)],
                first["statement"],
            ),
        }
        self.choices = {
            name: buttons(name, options, value)
            for name, (options, value) in choices.items()
        }
        self.explained = buttons("explain", EMOTIONS, first["emotion"])
        self.count = widgets.IntSlider(
            value=listen.STRONGEST,
            min=8,
            max=64,
            step=8,
            description="leave out bands",
            style={"description_width": "max-content"},
            continuous_update=False,
        )
        self.silence = buttons(
            "and give them", [("their usual level", False), ("silence", True)], False
        )
        self.shown = widgets.HTML()
        controls = (
            *self.choices.values(),
            self.explained,
            self.count,
            self.silence,
        )
        for control in controls:
            control.observe(self.show, "value")
        self.box = widgets.VBox([*controls, self.shown])
        self.show()

    def hear(self) -> listen.Heard:
        """The chosen recording, heard. Raises ValueError if RAVDESS has no such."""
        chosen = self.table
        for name, control in self.choices.items():
            chosen = chosen[chosen[name] == control.value]
        if chosen.empty:
            raise ValueError(
                "there is no such recording, since RAVDESS has no strong neutral. "
                "Choose another intensity or emotion."
            )
        path = chosen.iloc[0]["path"]
        if path not in self.heard:
            sound = audio.read_sound(self.folder / path, SAMPLING_RATE)
            self.heard[path] = self.listener.hear(sound)
        return self.heard[path]

    def show(self, change=None) -> None:
        """Draw what is chosen, and say what that is."""
        chosen = ", ".join(f"{n} {c.label}" for n, c in self.choices.items())
        try:
            self.shown.value = f'<p role="status">{escape(chosen)}</p>' + report(
                self.listener,
                self.hear(),
                self.explained.value,
                self.count.value,
                self.silence.value,
            )
        except ValueError as error:
            self.shown.value = as_error(error)


# --- predict, listen, reveal -------------------------------------------------


class Game(Panel):
    """Hear recordings without a label, answer, then see truth and explanation.

    ``table`` has the rows to be heard, with the columns of ``emoRav_data.csv``;
    their paths start at ``folder``.
    """

    sentence = "The game needs a running kernel: run this cell to play."

    def __init__(self, listener: listen.Listener, folder: Path, table: pd.DataFrame):
        self.listener = listener
        self.acted = table["emotion"].tolist()
        sounds = [
            audio.read_sound(Path(folder) / path, SAMPLING_RATE)
            for path in table["path"]
        ]
        self.heard = [listener.hear(sound) for sound in sounds]
        self.answers = [NOT_ANSWERED] * len(table)
        self.cues = [()] * len(table)
        self.player = widgets.HTML()
        self.emotion = buttons("I hear", EMOTIONS)
        self.marks = {
            cue: widgets.Checkbox(description=cue, indent=False, layout=WIDE)
            for cue in HEARD_CUES
        }
        self.reveal = widgets.Button(description="Answer and reveal")
        self.following = widgets.Button(description="Next recording")
        self.reveal.on_click(self._reveal)
        self.following.on_click(self._next)
        self.shown = widgets.HTML()
        self.box = widgets.VBox(
            [
                self.player,
                self.emotion,
                widgets.Label("I listened to"),
                widgets.HBox(
                    list(self.marks.values()),
                    layout=widgets.Layout(flex_flow="row wrap"),
                ),
                widgets.HBox([self.reveal, self.following]),
                self.shown,
            ]
        )
        self._present(0)

    def table(self) -> pd.DataFrame:
        """Acted emotion, student's and network's answer, and the student's cues."""
        names = [f"{n} of {len(self.acted)}" for n in range(1, len(self.acted) + 1)]
        return pd.DataFrame(
            {
                "acted": self.acted,
                "you": self.answers,
                "network": [heard.answer for heard in self.heard],
                "you listened to": [", ".join(cues) for cues in self.cues],
            },
            index=pd.Index(names, name="recording"),
        )

    def _present(self, number):
        self.number = number
        label = f"Recording {number + 1} of {len(self.acted)}"
        sound = self.heard[number].sound
        self.player.value = players.player(sound, SAMPLING_RATE, label)._repr_html_()
        self.emotion.value = None
        for mark in self.marks.values():
            mark.value = False
        self.shown.value = ""
        self.reveal.disabled, self.following.disabled = False, True

    def _reveal(self, button):
        if self.emotion.value is None:
            self.shown.value = as_error(ValueError("choose an emotion first."))
            return
        self.answers[self.number] = self.emotion.value
        self.cues[self.number] = tuple(
            cue for cue, mark in self.marks.items() if mark.value
        )
        heard, acted = self.heard[self.number], self.acted[self.number]
        self.shown.value = (
            f'<p role="status"><b>Acted: {acted}. You: {self.emotion.value}. The '
            f"network: {heard.answer}.</b></p>"
            + report(self.listener, heard, heard.answer)
        )
        is_last = self.number == len(self.acted) - 1
        self.reveal.disabled, self.following.disabled = True, is_last

    def _next(self, button):
        self._present(self.number + 1)


# --- one's own voice ---------------------------------------------------------


class OwnVoice(Panel):
    """Upload a sound file; answer, distance, explanation and players follow."""

    sentence = "The upload needs a running kernel: run this cell to use it."

    def __init__(self, listener: listen.Listener, training: listen.TrainingData):
        self.listener, self.training = listener, training
        self.upload = widgets.FileUpload(
            accept=".wav,.flac,.ogg,.opus,.mp3",
            description="Choose a sound file",
            layout=WIDE,
        )
        self.upload.observe(self._show, "value")
        self.shown = widgets.HTML()
        self.box = widgets.VBox([self.upload, self.shown])

    def _show(self, change):
        if not self.upload.value:
            return
        file = self.upload.value[0]
        try:
            content = bytes(file["content"])
            sound = audio.read_own(content, SAMPLING_RATE, file["name"])
            heard = self.listener.hear(sound)
        except ValueError as error:
            self.shown.value = as_error(error)
            return
        distance = self.training.verdict(listen.inputs_of(sound))
        self.shown.value = f'<p role="status">{escape(distance)}</p>' + report(
            self.listener, heard, heard.answer
        )
