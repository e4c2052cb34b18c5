"""What a student operates: an explorer, a game, and a place for their own voice.

Everything works by keyboard alone: Tab moves on, Space chooses and presses, arrows
move a slider. Choices are rows of buttons, because JupyterLab takes the arrows and
letters that a drop-down list needs for its own commands. Every figure has a
description for those who do not see it, and nothing needs a network. Without a
running kernel a panel shows a sentence instead.
"""

from html import escape
from pathlib import Path

import ipywidgets as widgets
import numpy as np
import pandas as pd

from course import players, stage
from xai4ser import audio, listen
from xai4ser.features import SAMPLING_RATE
from xai4ser.ravdess import EMOTIONS, INTENSITIES, STATEMENTS

# What a listener can tick, and the beginnings of the items of evidence that belong to
# it. The first that fits counts.
HEARD_CUES = {
    "pitch": ("pitch",),
    "brightness": (
        "level above",
        "ending above",
        "sounding above",
        "alpha ratio",
        "peak ratio",
        "bass",
        "first resonance",
        "second resonance",
        "brightness",
        "hiss",
    ),
    "loudness": ("level", "ending", "sounding", "loudness"),
    "tempo": (
        "movement",
        "swing",
        "skewness",
        "duration",
        "pauses",
        "rises",
        "voiced stretch",
    ),
    "roughness": ("contrast", "voicing", "voiced", "harmonics", "first harmonic"),
}
WIDE = widgets.Layout(width="max-content")


def buttons(name: str, options, value=None) -> widgets.ToggleButtons:
    """A row of buttons of which one is chosen, at first ``value`` or none.

    Each says in its tooltip what it would choose: a screen reader reads it.
    """
    labels = [str(o[0] if isinstance(o, tuple) else o) for o in options]
    return widgets.ToggleButtons(
        options=options,
        value=value,
        description=name,
        tooltips=[f"{name}: {label}" for label in labels],
        style={"button_width": "max-content"},
    )


def show_html(area: widgets.Output, html: str) -> None:
    """Put ``html`` in the place of what ``area`` shows; its scripts run there."""
    shown = {"output_type": "display_data", "metadata": {}, "data": {"text/html": html}}
    area.outputs = (shown,) if html else ()


class Panel:
    """Widgets in a column; without a kernel, a sentence in their place."""

    sentence = "This panel needs a running kernel: run this cell to use it."

    def _repr_mimebundle_(self, **options):
        shown = self.box._repr_mimebundle_(**options)
        return shown | {"text/plain": self.sentence}


# --- one explanation, shown and told -----------------------------------------


def answer_in_words(heard: listen.Heard, emotion: str) -> str:
    """The answer, and the three items of evidence that added most, in a sentence."""
    added = heard.items(emotion).head(3)
    parts = "; ".join(f"{name} ({value:+.2f})" for name, value in added.items())
    return (
        f"The network answers {heard.says()}. "
        f"What added most to its score for {emotion}: {parts}."
    )


def variant_stage(
    listener: listen.Listener,
    heard: listen.Heard,
    emotion: str,
    sentence: str = "",
    count: int = listen.STRONGEST,
    silence: bool = False,
) -> stage.Stage:
    """The four versions of a recording, with the network's answer to each."""
    sounds = listen.variants(heard, emotion, count, silence)
    return stage.of_versions(listener, heard, emotion, sounds, sentence)


def report(
    listener: listen.Listener,
    heard: listen.Heard,
    emotion: str,
    sentence: str = "",
    count: int = listen.STRONGEST,
    silence: bool = False,
) -> str:
    """Sentence and stage for one recording, as HTML."""
    said = escape(answer_in_words(heard, emotion))
    shown = variant_stage(listener, heard, emotion, sentence, count, silence)
    return f"<p>{said}</p>{shown._repr_html_()}"


def spoken_words(row: pd.Series) -> str:
    """The sentence of a recording of RAVDESS, known from its name."""
    return STATEMENTS[int(row["statement"]) - 1]


def heard_cue_of(item: str) -> str:
    """The one of HEARD_CUES that an item of evidence belongs to.

    >>> heard_cue_of("ending above 3000 Hz"), heard_cue_of("voiced stretch")
    ('brightness', 'tempo')
    """
    found = [cue for cue, starts in HEARD_CUES.items() if item.startswith(starts)]
    return found[0]


def by_heard_cue(heard: listen.Heard, emotion: str) -> pd.Series:
    """What each of HEARD_CUES added to the score of ``emotion``, most first.

    All items of evidence are shared out among them, so the sum stays.
    """
    items = heard.items(emotion)
    return items.groupby(heard_cue_of).sum().sort_values(ascending=False)


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
        self.status = widgets.HTML()
        self.shown = widgets.Output()
        controls = (
            *self.choices.values(),
            self.explained,
            self.count,
            self.silence,
        )
        for control in controls:
            control.observe(self.show, "value")
        self.box = widgets.VBox([*controls, self.status, self.shown])
        self.show()

    def chosen(self) -> pd.Series:
        """The row of the recording. Raises ValueError if RAVDESS has no such."""
        found = self.table
        for name, control in self.choices.items():
            found = found[found[name] == control.value]
        if found.empty:
            raise ValueError(
                "there is no such recording, since RAVDESS has no strong neutral. "
                "Choose another intensity or emotion."
            )
        return found.iloc[0]

    def hear(self, path: str) -> listen.Heard:
        """The recording at ``path``, heard once."""
        if path not in self.heard:
            sound = audio.read_sound(self.folder / path, SAMPLING_RATE)
            self.heard[path] = self.listener.hear(sound)
        return self.heard[path]

    def show(self, change=None) -> None:
        """Show what is chosen, and say what that is."""
        chosen = ", ".join(f"{n} {c.label}" for n, c in self.choices.items())
        self.status.value = f'<p role="status">{escape(chosen)}</p>'
        try:
            row = self.chosen()
            shown = report(
                self.listener,
                self.hear(row["path"]),
                self.explained.value,
                spoken_words(row),
                self.count.value,
                self.silence.value,
            )
        except ValueError as error:
            shown = as_error(error)
        show_html(self.shown, shown)


# --- predict, listen, reveal -------------------------------------------------

LOUDNESS = [("as recorded", True), ("all alike", False)]
COLUMNS = ["acted", "you", "network", "you listened to", "moved the network most"]


class Game(Panel):
    """Hear recordings without a label, answer all, then see truth and explanation.

    ``table`` has the rows to draw from, with the columns of ``emoRav_data.csv``;
    their paths start at ``folder``. ``count`` recordings are drawn anew for each round,
    with ``seed`` always the same ones. The network answers to what is played: to the
    recordings at their own levels, which one volume for all leaves as they are, or to
    all of them brought to one level.
    """

    sentence = "The game needs a running kernel: run this cell to play."

    def __init__(self, listener, folder: Path, table: pd.DataFrame, count=6, seed=None):
        self.listener, self.folder, self.rows = listener, Path(folder), table
        self.count = min(count, len(table))
        self.generator = np.random.default_rng(seed)
        self.rounds: list[pd.DataFrame] = []
        self.loudness = buttons("loudness", LOUDNESS, True)
        self.again = widgets.Button(description="New recordings")
        self.volume, self.player = widgets.HTML(), widgets.HTML()
        self.emotion = buttons("I hear", EMOTIONS)
        self.marks = {
            cue: widgets.Checkbox(description=cue, indent=False, layout=WIDE)
            for cue in HEARD_CUES
        }
        self.answer = widgets.Button(description="Answer")
        self.status, self.table = widgets.HTML(), widgets.HTML()
        numbers = [(str(n + 1), n) for n in range(self.count)]
        self.looked_at = buttons("listen again to", numbers)
        self.shown = widgets.Output()
        self.again.on_click(self.start)
        self.loudness.observe(self.start, "value")
        self.answer.on_click(self._answer)
        self.looked_at.observe(self._look, "value")
        ticks = widgets.HBox(
            [widgets.Label("I listened to"), *self.marks.values()],
            layout=widgets.Layout(flex_flow="row wrap"),
        )
        asked = [self.volume, self.player, self.emotion, ticks, self.answer]
        self.asked, told = widgets.VBox(asked), [self.table, self.looked_at, self.shown]
        self.told = widgets.VBox(told)
        start = widgets.HBox([self.loudness, self.again])
        self.box = widgets.VBox([start, self.asked, self.status, self.told])
        self.start()

    def start(self, change=None) -> None:
        """A new round: other recordings, nothing answered."""
        drawn = self.generator.choice(len(self.rows), self.count, replace=False)
        self.drawn = self.rows.iloc[drawn]
        sounds = [
            audio.read_sound(self.folder / path, SAMPLING_RATE)
            for path in self.drawn["path"]
        ]
        if not self.loudness.value:
            sounds = list(map(players.at_one_level, sounds))
        self.sounds, self.gain = sounds, players.common_gain(sounds)
        self.answers, self.ticked, self.heard = [], [], []
        self.volume.value = _volume_setter()
        self.table.value = ""
        self.looked_at.value = None
        self._show(is_playing=True)
        self._present()

    def results(self) -> pd.DataFrame:
        """All finished rounds, a row for each recording, with the columns COLUMNS."""
        if not self.rounds:
            return pd.DataFrame(columns=COLUMNS)
        return pd.concat(self.rounds, ignore_index=True)

    def _show(self, is_playing: bool) -> None:
        self.asked.layout.display = None if is_playing else "none"
        self.told.layout.display = "none" if is_playing else None

    def _present(self) -> None:
        number = len(self.answers)
        label = f"Recording {number + 1} of {self.count}"
        shown = players.Player(
            (self.sounds[number] * self.gain).astype(np.float32), SAMPLING_RATE, label
        )
        self.player.value = shown._repr_html_()
        self.emotion.value = None
        for mark in self.marks.values():
            mark.value = False
        self.status.value = f'<p role="status">{label}</p>'

    def _answer(self, button) -> None:
        if self.emotion.value is None:
            self.status.value = as_error(ValueError("choose an emotion first."))
            return
        self.answers.append(self.emotion.value)
        ticked = [cue for cue, mark in self.marks.items() if mark.value]
        self.ticked.append(", ".join(ticked))
        if len(self.answers) < self.count:
            self._present()
        else:
            self._reveal()

    def _reveal(self) -> None:
        """All answered: what was acted, what the network says, and why."""
        self.status.value = "<p>The network listens …</p>"
        self.heard = [self.listener.hear(sound) for sound in self.sounds]
        most = [by_heard_cue(heard, heard.answer).head(2) for heard in self.heard]
        found = pd.DataFrame(
            {
                "acted": list(self.drawn["emotion"]),
                "you": self.answers,
                "network": [heard.answer for heard in self.heard],
                "you listened to": self.ticked,
                "moved the network most": [", ".join(two.index) for two in most],
            },
            index=range(1, self.count + 1),
        )
        self.rounds.append(found)
        right = {who: sum(found[who] == found["acted"]) for who in ("you", "network")}
        self.status.value = (
            f'<p role="status"><b>You: {right["you"]} of {self.count} right. '
            f"The network: {right['network']} of {self.count}.</b></p>"
        )
        self.table.value = found.to_html(border=0)
        self._show(is_playing=False)

    def _look(self, change) -> None:
        number = self.looked_at.value
        if number is None or not self.heard:
            show_html(self.shown, "")
            return
        heard, row = self.heard[number], self.drawn.iloc[number]
        added = by_heard_cue(heard, heard.answer)
        said = ", ".join(f"{cue} {value:+.1f}" for cue, value in added.items())
        words = (
            f"<p><b>Acted: {row['emotion']}. You: {self.answers[number]}. The "
            f"network: {heard.answer}.</b> You ticked: "
            f"{self.ticked[number] or 'nothing'}. Added to the network's score for "
            f"{heard.answer}: {said}.</p>"
        )
        explained = report(self.listener, heard, heard.answer, spoken_words(row))
        show_html(self.shown, words + explained)


def _volume_setter() -> str:
    """A player with a noise that is as loud as the loudest recording of a round."""
    noise = np.random.default_rng(0).standard_normal(SAMPLING_RATE)
    label = "Set your volume with this noise: nothing that follows is louder"
    return players.player(noise, SAMPLING_RATE, label)._repr_html_()


# --- one's own voice ---------------------------------------------------------


class OwnVoice(Panel):
    """Upload a sound file; answer, distance, explanation and players follow."""

    sentence = "The upload needs a running kernel: run this cell to use it."

    def __init__(self, listener: listen.Listener, training: listen.TrainingData):
        self.listener, self.training = listener, training
        self.upload = widgets.FileUpload(
            accept=".wav,.flac,.ogg,.opus,.mp3",
            description="Choose a sound file",
            tooltip="Choose a sound file",
            layout=WIDE,
        )
        self.upload.observe(self._show, "value")
        self.status, self.shown = widgets.HTML(), widgets.Output()
        self.box = widgets.VBox([self.upload, self.status, self.shown])

    def _show(self, change):
        if not self.upload.value:
            return
        file = self.upload.value[0]
        try:
            content = bytes(file["content"])
            sound = audio.read_own(content, SAMPLING_RATE, file["name"])
            heard = self.listener.hear(sound)
        except ValueError as error:
            self.status.value = as_error(error)
            show_html(self.shown, "")
            return
        inputs = listen.inputs_of(sound)
        said = f"{self.training.verdict(inputs)} {self.training.diagnosis(inputs)}"
        self.status.value = f'<p role="status">{escape(said)}</p>'
        show_html(self.shown, report(self.listener, heard, heard.answer))
