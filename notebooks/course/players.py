"""Sounds that Jupyter shows as players, at one level that is safe for headphones."""

import base64
import io
from dataclasses import dataclass
from html import escape

import numpy as np
import soundfile

LISTENING_LEVEL = -26.0  # dB re full scale, root mean square over the sound


def as_address(samples: np.ndarray, sampling_rate: int) -> str:
    """``samples`` (samples,) as a data address that holds a WAV file of 16 bits."""
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, sampling_rate, format="WAV", subtype="PCM_16")
    return "data:audio/wav;base64," + base64.b64encode(buffer.getvalue()).decode()


def common_gain(sounds) -> float:
    """One factor for all ``sounds``, each (samples,): the loudest is safe then.

    It plays at the listening level, less where a peak would clip; the others are as
    much softer as they are. What a network measured is then what one hears.

    >>> loud, soft = np.full(100, 0.2), np.full(100, 0.002)
    >>> gain = common_gain([loud, soft])
    >>> levels = [20 * np.log10(gain * sound[0]) for sound in (loud, soft)]
    >>> [round(float(level)) for level in levels]
    [-26, -66]
    """
    loudest = max(float(np.sqrt(np.mean(np.square(x, dtype=float)))) for x in sounds)
    peak = max(float(np.abs(x).max()) for x in sounds)
    return min(10 ** (LISTENING_LEVEL / 20) / max(loudest, 1e-9), 0.9 / max(peak, 1e-9))


def at_one_level(samples: np.ndarray) -> np.ndarray:
    """``samples`` (samples,) at the listening level, as float32."""
    samples = np.asarray(samples, dtype=np.float64)
    if not np.any(samples):
        return samples.astype(np.float32)
    return (samples * common_gain([samples])).astype(np.float32)


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
        label = escape(self.label)
        address = as_address(self.samples, self.sampling_rate)
        return (
            f'<figure class="player" aria-label="{label}"><figcaption>{label}'
            '</figcaption><audio controls preload="metadata" '
            f'src="{address}"></audio></figure>'
        )


def player(samples: np.ndarray, sampling_rate: int, label: str) -> Player:
    """A player for ``samples`` (samples,), brought to one safe listening level.

    The level (root mean square) is set to -26 dB of full scale, less where a
    peak would clip, so that players side by side are equally loud and none is
    unpleasant in headphones. Loudness differences between recordings are
    therefore *not* heard; figures show them, and the stage plays true levels.
    """
    return Player(at_one_level(samples), sampling_rate, label)


@dataclass(frozen=True)
class PlayerRow:
    """Players side by side, shown by Jupyter; on a narrow page below each other."""

    players: tuple[Player, ...]

    def __repr__(self) -> str:
        return "\n".join(map(repr, self.players))

    def _repr_html_(self) -> str:
        players = "".join(player._repr_html_() for player in self.players)
        return f'<div style="display: flex; flex-wrap: wrap">{players}</div>'


def player_row(players) -> PlayerRow:
    """Several players (:func:`player`) side by side."""
    return PlayerRow(tuple(players))
