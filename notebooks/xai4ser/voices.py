"""Stand-in voices: synthetic speech, laid out and named like RAVDESS.

For a machine without the recordings. A second cast, in another room and under other
names, stands in for another corpus. Nobody speaks in these files: a
source-filter model (Fant 1960) with the cascade of formant resonators of Klatt
(1980) reads the two sentences of RAVDESS, and `EMOTION_PROFILES` says how each
emotion changes pitch, loudness, tempo and timbre. What holds for these voices
was put into them, so they can show how a method works and never what people do.

Sources: Fant, G. (1960), Acoustic Theory of Speech Production; Klatt, D. (1980),
Software for a cascade/parallel formant synthesizer, JASA 67:971; Rosenberg, A.
(1971), JASA 49:583, for the glottal pulse; Hillenbrand, J. et al. (1995), JASA
97:3099, for the formants of vowels.
"""

import sys
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import joblib
import numba
import numpy as np
import soundfile
from scipy import signal
from tqdm import tqdm

from xai4ser.files import write_text, written_whole
from xai4ser.ravdess import ACTORS, EMOTIONS, INTENSITIES, file_name

SAMPLING_RATE = 48_000  # Hz, as in RAVDESS
FRAME = 192  # samples, 4 ms: the step in which a sentence is planned
SLOWEST = 0.65  # of the usual tempo
LOUDEST_PEAK = 0.9


# --- the emotions ---------------------------------------------------------
@dataclass(frozen=True)
class EmotionProfile:
    """How an emotion changes a voice, relative to the same voice when neutral.

    Names that end in `_ratio` multiply; all others are added.

    >>> EMOTION_PROFILES["angry"].exaggerated(2).level > EMOTION_PROFILES["angry"].level
    True
    """

    pitch_ratio: float = 1.0  # mean fundamental frequency
    tempo_ratio: float = 1.0  # above 1: fast
    formant_ratio: float = 1.0  # above 1: a smile, or a wide-open jaw
    pitch_range: float = 0.0  # semitones between the low and the accented
    final_rise: float = 0.0  # semitones at the end of the sentence
    level: float = 0.0  # dB
    tilt: float = 0.0  # dB per octave above 500 Hz; above 0: brighter
    breath: float = 0.0  # dB of breath noise
    jitter: float = 0.0  # percent from one glottal period to the next

    def exaggerated(self, strength):
        """The same profile with every change `strength` times as large."""
        changes = {
            name: value**strength if name.endswith("_ratio") else value * strength
            for name, value in vars(self).items()
        }
        return EmotionProfile(**changes)


# Directions: [BS] Banse & Scherer 1996, JPSP 70:614; [JL] Juslin & Laukka 2003,
# Psychological Bulletin 129:770; [S] Scherer 2003, Speech Communication 40:227;
# [MA] Murray & Arnott 1993, JASA 93:1097; [K] Kamiloglu et al. 2020,
# Psychonomic Bulletin & Review 27:237. Sizes: chosen here, near what RAVDESS has.
# fmt: off
EMOTION_PROFILES = {
    "neutral": EmotionProfile(),
    # Not in the reviews; like tenderness in [JL]: soft, slow, even, little treble.
    "calm": EmotionProfile(pitch_ratio=0.97, tempo_ratio=0.89, pitch_range=-1.0,
                           level=-2.5, tilt=-0.5, breath=2.0),
    # [JL, MA] high, wide, loud, fast, some more treble; [K] higher formants.
    "happy": EmotionProfile(pitch_ratio=1.22, tempo_ratio=1.06, formant_ratio=1.04,
                            pitch_range=2.5, final_rise=0.5, level=4.0, tilt=1.0),
    # [BS, JL, S, MA] low, narrow and falling, soft, slow, little treble, breathy.
    "sad": EmotionProfile(pitch_ratio=0.94, tempo_ratio=0.85, formant_ratio=0.98,
                          pitch_range=-1.5, final_rise=-1.0, level=-3.5, tilt=-1.4,
                          breath=4.0, jitter=0.2),
    # [BS, JL, S] hot anger: high, wide, much louder, much more treble, fast.
    "angry": EmotionProfile(pitch_ratio=1.22, tempo_ratio=1.05, formant_ratio=1.03,
                            pitch_range=2.0, final_rise=-0.5, level=8.0, tilt=2.0,
                            breath=-3.0, jitter=0.5),
    # [BS, MA] very high and fast; [JL] varies little, uneven periods; treble mixed.
    "fearful": EmotionProfile(pitch_ratio=1.42, tempo_ratio=1.08, pitch_range=-0.5,
                              level=4.5, tilt=0.2, breath=3.0, jitter=0.7),
    # Weak and mixed in all reviews; [MA] lower, slightly wider, softer, very slow.
    "disgust": EmotionProfile(pitch_ratio=0.96, tempo_ratio=0.82, formant_ratio=0.96,
                              pitch_range=0.7, final_rise=-0.5, level=-1.0, tilt=0.2,
                              jitter=0.4),
    # [MA] much higher, very wide and rising, fast; louder.
    "surprised": EmotionProfile(pitch_ratio=1.32, tempo_ratio=1.07, formant_ratio=1.01,
                                pitch_range=4.0, final_rise=3.5, level=4.0, tilt=0.6,
                                breath=1.0),
}
# fmt: on

# Of the second cast alone. [BS] low, narrow and slow, with little energy.
BORED = EmotionProfile(
    pitch_ratio=0.93, tempo_ratio=0.78, pitch_range=-2.0, level=-3.0, tilt=-0.8
)


# --- the sentences --------------------------------------------------------
@dataclass(frozen=True)
class Phoneme:
    """One piece of a sentence: how long it is, the mouth's shape, what sounds.

    >>> PHONEMES["IY"].formants  # Hz, as in "by"
    (370, 2050, 2650)
    """

    seconds: float
    formants: tuple = None  # the first three, Hz, for a man; None: those of the next
    voice: float = 0.0  # amplitude of the vocal folds
    breath: float = 0.0  # amplitude of breath through the open mouth
    noise: float = 0.0  # amplitude of hiss or burst at the tongue or lips ...
    noise_band: tuple = None  # ... and where it lies, Hz


PHONEMES = {
    "IH": Phoneme(0.100, (400, 1950, 2550), 1.0),  # kIds, sItting
    "AO": Phoneme(0.140, (660, 1050, 2450), 1.0),  # tAlking, dOgs
    "ER": Phoneme(0.085, (480, 1350, 1750), 0.8),  # are
    "AA": Phoneme(0.085, (740, 1250, 2450), 1.0),  # b-A-y
    "IY": Phoneme(0.070, (370, 2050, 2650), 0.8),  # b-Y
    "AX": Phoneme(0.050, (480, 1500, 2450), 0.7),  # thE
    "OR": Phoneme(0.130, (480, 860, 2350), 1.0),  # dOOr
    "R": Phoneme(0.140, (430, 1180, 1650), 0.7),  # dooR
    "NG": Phoneme(0.075, (280, 1800, 2500), 0.45),  # talkiNG
    "z": Phoneme(0.075, (290, 1650, 2550), 0.25, 0.0, 0.20, (4500, 12000)),
    "s": Phoneme(0.110, (320, 1650, 2550), 0.0, 0.0, 0.32, (4800, 13000)),
    "DH": Phoneme(0.035, (300, 1400, 2550), 0.35, 0.0, 0.04, (2000, 9000)),
    "h": Phoneme(0.035, None, 0.0, 0.7),  # the puff after k and t
    "_": Phoneme(0.050),  # mouth closed: silence before k and t
    "b-": Phoneme(0.045, (220, 950, 2200), 0.2),  # closed, folds humming
    "d-": Phoneme(0.040, (230, 1700, 2600), 0.2),
    "g-": Phoneme(0.040, (230, 1850, 2250), 0.2),
    "b": Phoneme(0.010, (350, 1000, 2250), 0.4, 0.0, 0.12, (400, 3000)),
    "d": Phoneme(0.012, (350, 1700, 2600), 0.4, 0.0, 0.25, (2800, 6500)),
    "t": Phoneme(0.018, (400, 1750, 2600), 0.0, 0.0, 0.40, (3200, 8500)),
    "k": Phoneme(0.022, (400, 1850, 2350), 0.0, 0.0, 0.40, (1500, 3800)),
}

# The sentences of `ravdess.STATEMENTS`. An apostrophe marks an accented vowel.
SOUNDS = (
    "k h 'IH d- z  ER  _ t h 'AO _ k h IH NG  b- b AA IY  DH AX  d- d 'OR R",
    "d- d 'AO g- z  ER  s 'IH d- d IH NG  b- b AA IY  DH AX  d- d 'OR R",
)


def _plan_sentence(statement, tempo, generator):
    """Spread a sentence over frames of 4 ms.

    Returns the phoneme of each frame, and the frame in the middle of each
    accented vowel.
    """
    symbols = SOUNDS[statement - 1].split()
    phonemes = [PHONEMES[symbol.lstrip("'")] for symbol in symbols]
    seconds = np.array([phoneme.seconds for phoneme in phonemes])
    # Slow speakers stretch their vowels; a burst is over in an instant all the same.
    seconds = np.where(seconds > 0.03, seconds / tempo, seconds)
    seconds = seconds * generator.normal(1.0, 0.08, len(seconds)).clip(0.75, 1.25)
    counts = np.maximum(1, np.round(seconds * SAMPLING_RATE / FRAME)).astype(int)
    middles = np.cumsum(counts) - counts // 2
    accents = [
        m for m, symbol in zip(middles, symbols, strict=True) if symbol.startswith("'")
    ]
    for place in reversed(range(len(phonemes))):
        if phonemes[place].formants is None:  # the mouth already waits for the vowel
            following = phonemes[place + 1].formants
            phonemes[place] = replace(phonemes[place], formants=following)
    plan = [phonemes[place] for place in np.repeat(range(len(phonemes)), counts)]
    return plan, accents


def _smooth(track, seconds):
    """Let a track of frames (frames, ...) change no faster than a mouth can."""
    half = max(1, round(seconds * SAMPLING_RATE / FRAME / 2))
    window = signal.windows.hann(2 * half + 3)[1:-1]
    padded = np.pad(track, [(half, half)] + [(0, 0)] * (track.ndim - 1), mode="edge")
    kernel = (window / window.sum()).reshape(-1, *[1] * (track.ndim - 1))
    return signal.fftconvolve(padded, kernel, mode="valid", axes=0)


def _to_samples(track):
    """From one value per frame to one per sample, in straight lines."""
    samples = np.arange(len(track) * FRAME)
    return np.interp(samples, (np.arange(len(track)) + 0.5) * FRAME, track)


# --- the voice ------------------------------------------------------------
def actor_voice(actor):
    """What is an actor's own, the same in all recordings: a dictionary.

    As in RAVDESS, odd numbers are men and even numbers are women.

    >>> actor_voice(1)["pitch"] < actor_voice(2)["pitch"]  # a man, a woman
    True
    """
    generator = np.random.default_rng([1971, actor])
    man = actor % 2 == 1
    return {
        "pitch": generator.uniform(*((100, 130) if man else (190, 230))),  # Hz
        "formants": (1.0 if man else 1.15) * generator.uniform(0.95, 1.05),  # ratio
        "tempo": generator.uniform(0.93, 1.07),  # ratio
        "level": generator.uniform(-40, -36),  # dB relative to full scale
        "tilt": generator.uniform(0.2, 1.7),  # dB per octave
        "breath": generator.uniform(-34, -27),  # dB relative to the voice
        "open": generator.uniform(0.55, 0.7),  # share of a period, glottis open
        "room": generator.uniform(-92, -86),  # dB relative to full scale
        # Some act with restraint and some do not, and not alike in each emotion.
        "expression": generator.normal(1.0, 0.2, len(EMOTIONS)).clip(0.7, 1.4),
    }


def _pitch_track(mean, profile, accents, frames, generator):
    """Fundamental frequency in each frame, Hz: a slope, accents and an ending."""
    place = np.linspace(0, 1, frames)
    height = max(1.0, 4.0 + profile.pitch_range)  # semitones
    semitones = height * (0.25 - 0.5 * place)  # declination
    for accent in accents:
        seconds = (np.arange(frames) - accent) * FRAME / SAMPLING_RATE
        bump = np.exp(-0.5 * (seconds / 0.07) ** 2)
        semitones = semitones + 0.7 * height * generator.normal(1.0, 0.25) * bump
    semitones = semitones + (profile.final_rise - 1.0) * place**6
    semitones = semitones - semitones.mean()
    return mean * 2 ** (semitones / 12)


def _glottal_source(pitch, open_share, jitter, generator):
    """What the vocal folds send up: pulses (Rosenberg 1971), and breath (noise).

    `pitch` is in Hz for each sample, `jitter` in percent. No two periods have quite
    the same length or strength. Returns pulses and breath, both (samples,).
    """
    period = np.cumsum(pitch / SAMPLING_RATE).astype(int)
    wobble = generator.standard_normal((2, period[-1] + 1))
    uneven = 1 + jitter / 100 * wobble[0, period]
    phase = np.cumsum(pitch * uneven / SAMPLING_RATE) % 1  # 0 to 1 in each period
    opened = np.minimum(phase / open_share, 1)
    closing = np.exp(-np.maximum(phase - open_share, 0) / 0.02)
    strength = 1 + 3 * jitter / 100 * wobble[1, period]
    pulses = (2 * opened - 3 * opened**2) * closing * strength
    noise = generator.standard_normal(len(pitch)) * np.where(opened < 1, 1.0, 0.3)
    return pulses - pulses.mean(), noise


def _resonator(sound, frequency, bandwidth):
    """One formant (Klatt 1980): lift what lies near a frequency, which may move.

    `sound` is (samples,); `frequency`, in Hz, has one value or one for each sample.
    """
    far = -np.exp(-2 * np.pi * bandwidth / SAMPLING_RATE)
    near = 2 * np.sqrt(-far) * np.cos(2 * np.pi * frequency / SAMPLING_RATE)
    return _ring(sound, near + np.zeros(len(sound)), far)


@numba.njit(nogil=True)  # sample by sample is slow in Python, so compile this one
def _ring(sound, near, far):
    """Each sample heard is a share of the new one and of the last two heard."""
    heard = np.zeros(len(sound) + 2)  # two samples of silence come first
    for n in range(len(sound)):
        gain = 1 - near[n] - far
        heard[n + 2] = gain * sound[n] + near[n] * heard[n + 1] + far * heard[n]
    return heard[2:]


def vocal_tract(source, formants, scale):
    """Send the source through the mouth: three formants that move, and those above.

    `formants` holds the first three for each frame (frames, 3), Hz; `scale` is
    1 for a man of average length and more for a shorter tract.

    >>> source = np.random.default_rng(0).normal(size=10 * FRAME)
    >>> formants = np.tile([500.0, 1500.0, 2500.0], (10, 1))
    >>> vocal_tract(source, formants, scale=1).shape == source.shape
    True
    """
    sound = source
    for track, bandwidth in zip(formants.T, (80, 100, 150), strict=True):
        sound = _resonator(sound, scale * _to_samples(track), bandwidth)
    for frequency in scale * np.arange(3500, 22_000 / scale, 1000):  # as in a tube
        sound = _resonator(sound, frequency, 0.06 * frequency)
    return sound


@cache
def _band_filter(low, high):
    """Second-order sections that keep what lies between two frequencies, Hz."""
    return signal.butter(2, (low, high), "bandpass", fs=SAMPLING_RATE, output="sos")


def _consonant_noise(plan, generator):
    """Hiss and bursts, made where the tongue or the lips leave a narrow gap."""
    white = generator.standard_normal(len(plan) * FRAME)
    total = np.zeros_like(white)
    for band in {phoneme.noise_band: None for phoneme in plan if phoneme.noise_band}:
        amplitude = np.array([p.noise if p.noise_band == band else 0.0 for p in plan])
        hiss = signal.sosfilt(_band_filter(*band), white)
        total += hiss / hiss.std() * _to_samples(_smooth(amplitude, 0.012))
    return total


def _tilted(sound, slope):
    """Turn the spectrum from 500 to 6000 Hz by `slope` dB per octave."""
    frequencies = np.fft.rfftfreq(len(sound), 1 / SAMPLING_RATE)
    gain = 10 ** (slope * np.log2(np.clip(frequencies, 500, 6000) / 500) / 20)
    return np.fft.irfft(np.fft.rfft(sound) * gain, len(sound))


def _finished(sound, level, room, generator):
    """Set the level (dB), add silence before and after, and the noise of the room."""
    fade = np.minimum(1, np.arange(len(sound))[::-1] / (0.08 * SAMPLING_RATE))
    weaker = 10 ** (np.linspace(0, -4, len(sound)) / 20)  # we run out of breath
    sound = sound * fade * weaker
    sound = sound * 10 ** (level / 20) / sound.std()
    before, after = (generator.uniform(0.8, 1.1, 2) * SAMPLING_RATE).astype(int)
    sound = np.pad(sound, (before, after))
    sound = sound + 10 ** (room / 20) * generator.standard_normal(len(sound))
    return (sound * min(1, LOUDEST_PEAK / np.abs(sound).max())).astype(np.float32)


def speak(
    emotion: str,
    actor: int,
    statement: int = 1,
    repetition: int = 1,
    intensity: str = "normal",
) -> tuple[np.ndarray, int]:
    """One recording of a synthetic voice.

    emotion     one of `EMOTION_PROFILES`
    actor       1 to 24; odd numbers are men and even numbers women
    statement   1 "Kids are talking by the door", 2 "Dogs are sitting by the door"
    repetition  1 or 2; two takes differ a little, as they do when people speak
    intensity   "normal" or "strong"; neutral has only "normal"

    Returns float32 samples (samples,) from -1 to 1, and 48000, the sampling rate
    in Hz. The same arguments give the same samples. Raises ValueError, with the
    remedy, for arguments that RAVDESS does not have.

    >>> samples, sampling_rate = speak("angry", actor=8)
    >>> sampling_rate, 1 < len(samples) / sampling_rate < 6
    (48000, True)
    """
    _check(emotion, actor, statement, repetition, intensity)
    code, degree = EMOTIONS.index(emotion), INTENSITIES.index(intensity)
    profile = EMOTION_PROFILES[emotion]
    return _said(profile, code, actor, statement, repetition, degree), SAMPLING_RATE


def _said(profile, code, actor, statement, repetition, degree):
    """A recording in the dry room; ``code`` is the emotion's, ``degree`` 0 or 1."""
    generator = np.random.default_rng(
        [1980, actor, code, degree, statement, repetition]
    )
    voice = actor_voice(actor)
    expression = voice["expression"][code % len(EMOTIONS)]
    profile = profile.exaggerated(expression * (1.0, 1.8)[degree])

    tempo = voice["tempo"] * profile.tempo_ratio * generator.normal(1, 0.05)
    tempo = max(tempo, SLOWEST)
    plan, accents = _plan_sentence(statement, tempo, generator)
    mean_pitch = voice["pitch"] * profile.pitch_ratio * generator.normal(1, 0.05)
    pitch = _pitch_track(mean_pitch, profile, accents, len(plan), generator)
    pulses, breath = _glottal_source(
        _to_samples(pitch),
        voice["open"],
        max(0.1, 0.5 + profile.jitter),
        generator,
    )
    voicing = _to_samples(_smooth(np.array([p.voice for p in plan]), 0.03))
    puffs = _to_samples(_smooth(np.array([p.breath for p in plan]), 0.03))
    breathiness = 10 ** ((voice["breath"] + profile.breath) / 20)
    source = voicing * (pulses + breathiness * breath) + 0.15 * puffs * breath
    formants = _smooth(np.array([p.formants for p in plan]), 0.07)
    sound = vocal_tract(source, formants, voice["formants"] * profile.formant_ratio)
    sound = _tilted(sound, voice["tilt"] + profile.tilt + generator.normal(0, 0.3))
    sound = sound / sound.std() + _consonant_noise(plan, generator)
    level = voice["level"] + profile.level + generator.normal(0, 1.2)
    return _finished(sound, level, voice["room"], generator)


def _check(emotion, actor, statement, repetition, intensity):
    for name, value, choices in (
        ("emotion", emotion, tuple(EMOTION_PROFILES)),
        ("actor", actor, ACTORS),
        ("statement", statement, (1, 2)),
        ("repetition", repetition, (1, 2)),
        ("intensity", intensity, INTENSITIES),
    ):
        _choose(name, value, choices)
    if emotion == "neutral" and intensity == "strong":
        raise ValueError("RAVDESS has no strong neutral. Use intensity='normal'.")


def _choose(name, value, choices):
    if value not in choices:
        offered = ", ".join(map(str, choices))
        raise ValueError(f"{name} is {value!r}. Choose one of: {offered}.")


# --- a folder of them -------------------------------------------------------

README = """These are synthetic voices, not RAVDESS. No person speaks in them.

The tutorial made them with notebooks/xai4ser/voices.py because it found no
recordings; data/README.md says where those go. The files are laid out and named
like RAVDESS. Delete this folder at any time: it can be made again.
"""


def write_voices(folder, actors=(1, 2, 3, 4), progress: bool = True) -> Path:
    """Write 60 recordings of each actor into `folder`/Actor_XX/, named as in RAVDESS.

    48 kHz, 16 bit, mono; a README.txt says what they are. Files that are there
    already are kept, so a second call returns at once, and a file gets its name
    only when it is whole. Uses all cores (threads). Returns the folder.

    Raises ValueError, with the remedy, for an actor that RAVDESS does not have,
    FileExistsError if the folder holds recordings that were not made here, and
    OSError, with the remedy, if it cannot be written to.

    >>> import tempfile
    >>> folder = write_voices(tempfile.mkdtemp(), actors=(), progress=False)
    >>> list(folder.rglob("*.wav"))
    []
    """
    folder = Path(folder)
    note = folder / "README.txt"
    if not note.exists() and any(folder.glob("Actor_*/*.wav")):
        raise FileExistsError(
            f"{folder} holds recordings that this tutorial did not make. Name "
            "another folder for the synthetic voices, or delete this one."
        )
    takes = [
        (emotion, actor, statement, repetition, intensity)
        for actor in actors
        for emotion in EMOTIONS
        for intensity in INTENSITIES[: 1 if emotion == "neutral" else 2]
        for statement in (1, 2)
        for repetition in (1, 2)
    ]
    for take in takes:
        _check(*take)
    missing = [take for take in takes if not _path(folder, *take).exists()]
    if not missing:
        return folder
    write_text(note, README)
    work = joblib.Parallel(n_jobs=-1, prefer="threads", return_as="generator")(
        joblib.delayed(_write)(folder, take) for take in missing
    )
    for _ in tqdm(
        work, "synthetic voices", len(missing), file=sys.stdout, disable=not progress
    ):
        pass
    return folder


def _path(folder, emotion, actor, statement, repetition, intensity):
    name = file_name(emotion, intensity, statement, repetition, actor)
    return folder / f"Actor_{actor:02d}" / name


def _write(folder, take):
    path = _path(folder, *take)
    samples, sampling_rate = speak(*take)
    with written_whole(path) as draft:
        soundfile.write(draft, samples, sampling_rate, "PCM_16")


# --- a second cast, in another room ---------------------------------------------

OTHER_CAST = {  # name -> number of the voice; as before, odd numbers are men
    "ada": 26,
    "ben": 25,
    "cleo": 28,
    "dan": 27,
    "eva": 30,
    "finn": 29,
    "gina": 32,
    "hugo": 31,
}
# RAVDESS' emotions without calm and disgust, and one that it does not have.
OTHER_EMOTIONS = ("neutral", "happy", "sad", "angry", "fearful", "surprised", "bored")
ROOM_ECHO = 0.35  # s, in which the echo falls by 60 dB
ECHO_LEVEL = -12.0  # dB below the voice
BROADCAST_LEVEL = -20.0  # dB relative to full scale, to which every take is set
BROADCAST_BAND = (150, 7000)  # Hz, what the transmission lets through
OTHER_README = """These are synthetic voices of a second cast. No person speaks in them.

The tutorial made them with notebooks/xai4ser/voices.py because it found no second
corpus for notebook 6. Delete this folder at any time: it can be made again.
"""
OTHER_DESCRIPTION = """# A second cast of stand-in voices, described as any corpus is.
name = "second cast (stand-in voices)"
recordings = "."
pattern = '(?P<emotion>[a-z]+)/(?P<speaker>[a-z]+)_'
emotions = ["neutral", "happy", "sad", "angry", "fearful", "surprised", "bored"]
"""


def speak_elsewhere(
    emotion: str, speaker: str, statement: int = 1, repetition: int = 1
) -> tuple[np.ndarray, int]:
    """One recording of the second cast: other voices, another room, one level.

    ``emotion`` of OTHER_EMOTIONS, ``speaker`` of OTHER_CAST. The room has an echo, the
    transmission takes the lowest and the highest frequencies, and all takes are set to
    the same level, as broadcasts are, or up to 2 dB below it where a peak would be
    clipped. Returns and arguments else as :func:`speak`;
    raises ValueError, with the remedy. Lesson 6.

    >>> sound, rate = speak_elsewhere("bored", "ada")
    >>> rate, sound.dtype
    (48000, dtype('float32'))
    """
    for name, value, choices in (
        ("emotion", emotion, OTHER_EMOTIONS),
        ("speaker", speaker, tuple(OTHER_CAST)),
        ("statement", statement, (1, 2)),
        ("repetition", repetition, (1, 2)),
    ):
        _choose(name, value, choices)
    profile = (EMOTION_PROFILES | {"bored": BORED})[emotion]
    code = (*EMOTIONS, "bored").index(emotion)
    take = code, OTHER_CAST[speaker], statement, repetition
    return _elsewhere(_said(profile, *take, degree=1 * (code > 0)), take), SAMPLING_RATE


def _elsewhere(sound, take):
    """``sound`` with the echo, the band and the level of the other room."""
    generator = np.random.default_rng([2018, *take])
    seconds = np.arange(int(ROOM_ECHO * SAMPLING_RATE)) / SAMPLING_RATE
    decay = 10 ** (-3 * seconds / ROOM_ECHO)
    echo = np.random.default_rng(2018).standard_normal(len(seconds)) * decay
    echo *= 10 ** (ECHO_LEVEL / 20) / np.linalg.norm(echo)
    echo[0] = 1.0  # the voice itself
    sound = signal.fftconvolve(sound, echo)[: len(sound)]
    sound = signal.sosfilt(_band_filter(*BROADCAST_BAND), sound)
    sound += 10 ** (-75 / 20) * generator.standard_normal(len(sound))
    sound *= 10 ** (BROADCAST_LEVEL / 20) / sound.std()
    return (sound * min(1, LOUDEST_PEAK / np.abs(sound).max())).astype(np.float32)


def write_other_voices(folder, progress: bool = True) -> Path:
    """Write the second cast into ``folder``: emotion/name_statement_repetition.wav.

    224 recordings, 48 kHz, 16 bit, mono, with a README.txt and a corpus.toml. Returns
    the folder. Files that are there already are kept. Raises FileExistsError if the
    folder holds recordings that were not made here, and OSError, with the remedy, if
    it cannot be written to. Lesson 6, through ``transfer.other_corpus``.

    >>> write_other_voices("data/other_voices").name  # doctest: +SKIP
    'other_voices'
    """
    folder = Path(folder)
    note = folder / "README.txt"
    if not note.exists() and any(folder.rglob("*.wav")):
        raise FileExistsError(
            f"{folder} holds recordings that this tutorial did not make. Move them, "
            "or delete this folder."
        )
    takes = {
        folder / emotion / f"{speaker}_{statement}_{repetition}.wav": (
            emotion,
            speaker,
            statement,
            repetition,
        )
        for emotion in OTHER_EMOTIONS
        for speaker in OTHER_CAST
        for statement in (1, 2)
        for repetition in (1, 2)
    }
    missing = {path: take for path, take in takes.items() if not path.exists()}
    if missing:
        write_text(note, OTHER_README)
        work = joblib.Parallel(n_jobs=-1, prefer="threads", return_as="generator")(
            joblib.delayed(_write_elsewhere)(path, take)
            for path, take in missing.items()
        )
        bar = {"file": sys.stdout, "disable": not progress}
        for _ in tqdm(work, "synthetic voices", len(missing), **bar):
            pass
    write_text(folder / "corpus.toml", OTHER_DESCRIPTION)
    return folder


def _write_elsewhere(path, take):
    samples, sampling_rate = speak_elsewhere(*take)
    with written_whole(path) as draft:
        soundfile.write(draft, samples, sampling_rate, "PCM_16")


# --- ten recordings, as a phone makes them ---------------------------------------

TEN_EMOTIONS = ("neutral", "happy", "sad", "angry", "surprised")
TEN_VOICE = 33  # heard nowhere else
PHONE_BAND, PHONE_LEVEL = (120, 7500), -20.0  # Hz; dB, at arm's length
TEN_README = """These are synthetic voices, ten recordings as of a phone.

The tutorial made them with notebooks/xai4ser/voices.py for notebook 6. Delete this
folder at any time: it can be made again.
"""


def write_ten_voices(folder) -> Path:
    """Write ten recordings of one voice into ``folder``: sam_happy_1.wav and so on.

    They are softer and narrower than the others, as a phone's. Returns the folder; what
    is there already is kept. Lesson 6, section 7, until somebody records themselves.

    >>> write_ten_voices("data/ten_voices")  # doctest: +SKIP
    """
    folder = Path(folder)
    write_text(folder / "README.txt", TEN_README)
    for emotion in TEN_EMOTIONS:
        for statement in (1, 2):
            path = folder / f"sam_{emotion}_{statement}.wav"
            if path.exists():
                continue
            code = EMOTIONS.index(emotion)
            take = EMOTION_PROFILES[emotion], code, TEN_VOICE, statement, 1
            sound = signal.sosfilt(_band_filter(*PHONE_BAND), _said(*take, degree=0))
            sound *= 10 ** (PHONE_LEVEL / 20)
            with written_whole(path) as draft:
                soundfile.write(draft, sound, SAMPLING_RATE, "PCM_16")
    return folder
