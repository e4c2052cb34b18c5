"""A corpus of four recordings, made on the spot, whose checksums are known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from xai4ser import audio, places, voices
from xai4ser.ravdess import RAVDESS

NAMES = (
    "03-01-01-01-01-01-01",
    "03-01-05-02-01-01-01",
    "03-01-01-01-01-01-02",
    "03-01-05-02-01-01-02",
)
RATE = 16_000  # Hz


def tone(frequency=440.0, seconds=0.5, rate=RATE):
    """A tone in a little noise, (samples,)."""
    time = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(round(frequency)).normal(0, 0.01, len(time))
    return 0.2 * np.sin(2 * np.pi * frequency * time) + noise


def write_sound(path: Path, samples=None, rate=RATE, subtype="PCM_16") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = tone() if samples is None else samples
    soundfile.write(path, samples, rate, subtype, format=path.suffix[1:].upper())
    return path


def write_corpus(folder: Path, names=NAMES, layout="Actor_{}/{}.wav") -> Path:
    for name in names:
        path = folder / layout.format(name[-2:], name)
        write_sound(path, tone(300 + 10 * NAMES.index(name)))
    return folder


def small_corpus(scratch: Path, data: Path):
    """RAVDESS, as if it had four recordings; ``scratch`` is written to and left."""
    write_corpus(scratch)
    return replace(
        RAVDESS,
        size=len(NAMES),
        recordings_folder=data / "Ravdess" / "audio_speech_actors_01-24",
        home=places.Place(data / "top"),
        speakers=(1, 2),
        checksums={p.stem: audio.fingerprint(p) for p in scratch.rglob("*.wav")},
    )


SPEAKERS = ("anna", "ben", "cleo", "dan", "eva", "finn")
OWN_EMOTIONS = ("neutral", "happy", "sad", "angry")


def write_own_voices(folder: Path, speakers=SPEAKERS, takes=4) -> Path:
    """Recordings of one's own: stand-in voices under other names, four emotions."""
    for number, speaker in enumerate(speakers, start=1):
        for emotion in OWN_EMOTIONS:
            for take in range(takes):
                given = emotion, number, take % 2 + 1, take // 2 % 2 + 1
                samples, rate = voices.speak(*given)
                path = folder / emotion / f"{speaker}_{take}.wav"
                write_sound(path, samples, rate)
    return folder
