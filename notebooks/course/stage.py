"""A stage: a spectrogram with its explanation, a cursor that plays, versions to choose.

One picture, one position in time, and a button for each version of a sound: changing
the version keeps the place, so that the ear compares the same syllable. It is one piece
of HTML with its sounds and its script inside, so it works in JupyterLab, on pages and
on slides, and asks nothing of the network. Without the script there are plain players;
without the sound, as in what is committed, picture, words and answers remain.
"""

import base64
import io
import json
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from course import players
from xai4ser import features, listen, plots

SOUND = ("<!-- sound -->", "<!-- /sound -->")  # what is between needs sound or script
PICTURE = (9.5, 3.4)  # inches
FOLDER = Path(__file__).with_name("page")


@dataclass(frozen=True)
class Version:
    """A sound (samples,), its name, and the network's probabilities (emotions,)."""

    name: str
    sound: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True)
class Picture:
    """A PNG, and where in it (shares of its width) from when to when (s) is drawn."""

    png: bytes
    left: float
    right: float
    begins: float
    ends: float


@dataclass(frozen=True)
class Stage:
    """Versions of a sound on one time axis, shown by Jupyter.

    versions     what can be chosen
    pictures     one for each version, or one for all
    emotions     of the probabilities
    label        what the stage is, in a few words
    description  what the picture shows, in words
    sentence     the words that are spoken, if they are known
    is_scale     whether the versions are steps of a slider, not kinds to choose from
    """

    versions: tuple[Version, ...]
    pictures: tuple[Picture, ...]
    emotions: tuple[str, ...]
    label: str
    description: str
    sentence: str = ""
    is_scale: bool = False

    def __repr__(self) -> str:
        said = "\n".join(self.answers())
        return f"Stage: {self.label}\n{said}"

    def answers(self) -> list[str]:
        """What the network answers to each version, a line each."""
        return [
            f"{version.name}: {listen.in_percent(version.probabilities, self.emotions)}"
            for version in self.versions
        ]

    def _repr_html_(self) -> str:
        kind = "ul" if self.is_scale else 'ol type="A"'
        label, described = escape(self.label), escape(self.description)
        shown = "".join(
            f'<img alt="{described}" src="data:image/png;base64,{_base64(p.png)}"'
            f"{' hidden' * (number > 0)}>"
            for number, p in enumerate(self.pictures)
        )
        words = f'<p class="words">“{escape(self.sentence)}”</p>' * bool(self.sentence)
        said = "".join(f"<li>{escape(answer)}</li>" for answer in self.answers())
        return (
            f'<figure class="stage" role="group" aria-label="{label}" '
            f"data-lm-suppress-shortcuts><style>{_file('stage.css')}</style>"
            f"<figcaption>{label}</figcaption>"
            f'<div class="picture">{shown}{_hidden("<i></i>")}</div>{words}'
            f"{_hidden(self._controls())}<{kind}>{said}</{kind[:2]}>"
            f"{_hidden(self._sounds() + self._script())}</figure>"
        )

    def _controls(self) -> str:
        last = len(self.versions) - 1
        if self.is_scale:
            choice = (
                f'<label class="share">{escape(self.versions[0].name)} <input '
                f'type="range" min="0" max="{last}" value="0" step="1" '
                f'aria-label="{escape(self.label)}"> '
                f"{escape(self.versions[-1].name)}</label>"
            )
        else:
            choice = "".join(
                f'<button type="button" class="version" aria-pressed='
                f'"{str(number == 0).lower()}"><b>{chr(65 + number)}</b> '
                f"{escape(version.name)}</button>"
                for number, version in enumerate(self.versions)
            )
        bars = "".join(
            f"<tr><th>{escape(emotion)}</th><td><b></b></td><td></td></tr>"
            for emotion in self.emotions
        )
        return (
            '<div class="handles" hidden><div role="group" aria-label="Play">'
            '<button type="button" class="play" aria-pressed="false">Play</button>'
            '<label>position <input type="range" class="place" min="0" max="1000" '
            'value="0"></label> <span class="time"></span> '
            '<button type="button" class="even" aria-pressed="false">Equally loud'
            "</button></div>"
            f'<div role="group" aria-label="Version">{choice}</div>'
            '<p role="status" class="says"></p>'
            f'<table class="bars" aria-hidden="true">{bars}</table></div>'
        )

    def _sounds(self) -> str:
        gain = players.common_gain([version.sound for version in self.versions])
        return "".join(
            f'<audio controls preload="auto" aria-label="{escape(version.name)}" '
            f'src="{players.as_address(version.sound * gain, features.SAMPLING_RATE)}">'
            "</audio>"
            for version in self.versions
        )

    def _script(self) -> str:
        levels = [_rms(version.sound) for version in self.versions]
        facts = {
            "names": [version.name for version in self.versions],
            "says": self.answers(),
            "percent": [
                [round(100 * float(p), 1) for p in version.probabilities]
                for version in self.versions
            ],
            "volumes": [min(levels) / level for level in levels],
            "places": [[p.left, p.right, p.begins, p.ends] for p in self.pictures],
        }
        facts = json.dumps(facts).replace("<", "\\u003c")
        return f"<script>{_file('stage.js')}({facts})</script>"


def _hidden(part: str) -> str:
    """``part`` between the marks of what is left out where there is no sound."""
    return part.join(SOUND)


@cache
def _file(name: str) -> str:
    text = (FOLDER / name).read_text(encoding="utf-8")
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _rms(sound: np.ndarray) -> float:
    return max(1e-9, float(np.sqrt(np.mean(np.square(sound, dtype=float)))))


# --- pictures -------------------------------------------------------------------


def picture(levels: np.ndarray, moments: np.ndarray, gain=None) -> Picture:
    """A spectrogram (frames, bands) with ``moments`` (frames, bands) in colour on it.

    A ``gain`` (bands,) in dB, if given, is drawn beside it over the same frequencies.
    """
    left, right = 0.1, 0.985 if gain is None else 0.76
    with plt.ioff():
        figure = plt.figure(figsize=PICTURE, layout="none")
        ax = figure.add_axes((left, 0.17, right - left, 0.8))
        plots.draw_moments(ax, levels, moments)
        if gain is not None:
            beside = figure.add_axes((0.785, 0.17, 0.2, 0.8))
            plots.draw_gain(beside, gain)
            beside.set(ylabel="", yticklabels=[])
        begins, ends = ax.get_xlim()
        content = io.BytesIO()
        figure.savefig(content, format="png", dpi=100, bbox_inches=None)
        plt.close(figure)
    return Picture(_small(content), left, right, begins, ends)


def _small(content: io.BytesIO) -> bytes:
    """The same picture with a palette of 128 colours: a third of the bytes."""
    found = io.BytesIO()
    with Image.open(content) as whole:
        flat = whole.convert("RGB").quantize(128, dither=Image.Dither.NONE)
        flat.save(found, "PNG", optimize=True)
    return found.getvalue()


# --- what lesson 5 shows ----------------------------------------------------------


def of_versions(
    listener: listen.Listener,
    heard: listen.Heard,
    emotion: str,
    sounds: dict[str, np.ndarray],
    sentence: str = "",
) -> Stage:
    """A stage of ``sounds`` (name -> samples) that an explanation of ``heard`` made.

    Each version is given back to the network, and its own answer stands with it. Over
    each spectrogram lies what spoke for and against ``emotion`` in the recording.
    """
    moments = listen.over_time(heard, emotion)
    versions = tuple(
        Version(name, sound, listener.answer(sound)) for name, sound in sounds.items()
    )
    shown = tuple(
        picture(features.mel_levels(version.sound), moments) for version in versions
    )
    described = (
        f"Spectrogram: time (s) against frequency (Hz); dark is loud. Red, in a solid "
        f"line, spoke for {emotion}; blue, in a dashed line, against it. "
        + " ".join(f"{v.name}: {listener.says(v.sound)}." for v in versions[:1])
    )
    label = f"What spoke for {emotion} and against it"
    return Stage(versions, shown, heard.emotions, label, described, sentence)


def of_tone(
    listener: listen.Listener,
    heard: listen.Heard,
    tone,
    steps: int = 11,
    sentence: str = "",
) -> Stage:
    """A stage whose slider turns a tone control up, from 0 to 100 % of its gain.

    ``tone`` is what :func:`xai4ser.equaliser.smallest` returns. Every step is a sound
    of its own, measured anew and answered anew.
    """
    versions = []
    for share in np.linspace(0, 1, steps):
        sound = tone.sound(heard.sound, share)
        versions.append(Version(f"{100 * share:.0f} %", sound, listener.answer(sound)))
    moments = listen.over_time(heard, heard.answer)
    shown = (picture(heard.levels, moments, tone.gain),)
    described = (
        f"Spectrogram: time (s) against frequency (Hz), with what spoke for "
        f"{heard.answer}. Beside it the gain of the tone control (dB), from "
        f"{tone.gain.min():.1f} to {tone.gain.max():.1f} dB."
    )
    label = f"The tone control that makes {tone.target} of {heard.answer}"
    return Stage(
        tuple(versions), shown, heard.emotions, label, described, sentence, True
    )
