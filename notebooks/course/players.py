"""Sounds that Jupyter shows as players, at one level that is safe for headphones."""

import base64
import io
from dataclasses import dataclass
from html import escape

import numpy as np
import soundfile

LISTENING_LEVEL = -26.0  # dB re full scale, root mean square over the sound


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
