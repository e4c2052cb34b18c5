"""The players and figures: levels, labels, units, and colours one can tell apart."""

import base64
import io
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
import soundfile
from matplotlib.colors import to_rgb

from course import players
from xai4ser import features, plots
from xai4ser.ravdess import EMOTIONS


def level(samples):
    return 10 * np.log10(np.mean(np.square(samples)))


def sound_of(player):
    encoded = re.search(r"base64,([^\"]+)", player._repr_html_()).group(1)
    return soundfile.read(io.BytesIO(base64.b64decode(encoded)))


@pytest.mark.parametrize("amplitude", [0.001, 0.5])
def test_players_are_level_matched_and_playable(amplitude):
    noise = amplitude * np.random.default_rng(0).standard_normal(16_000)
    samples, rate = sound_of(players.player(noise, 16_000, "noise"))
    assert rate == 16_000 and len(samples) == 16_000
    assert level(samples) == pytest.approx(players.LISTENING_LEVEL, abs=0.1)


def test_a_peak_never_clips_and_silence_stays_silent():
    click = np.zeros(10_000)
    click[5000] = 1
    samples, _ = sound_of(players.player(click, 8_000, "a click"))
    assert np.abs(samples).max() <= 0.91
    silent, _ = sound_of(players.player(np.zeros(100), 8_000, "silence"))
    assert np.abs(silent).max() == 0


def test_a_player_has_a_text_for_those_who_do_not_see_it():
    player = players.player(np.ones(800), 8_000, "actor 1 <angry>")
    assert 'aria-label="actor 1 &lt;angry&gt;"' in player._repr_html_()
    assert "0.1 s" in repr(player)


def test_the_frequency_axis_is_in_hz_and_in_the_right_place():
    _, ax = plt.subplots()
    plots.frequency_axis(ax)
    centres = features.band_frequencies()
    for position, label in zip(ax.get_xticks(), ax.get_xticklabels(), strict=True):
        found = np.interp(position, np.arange(features.BANDS), centres)
        assert found == pytest.approx(float(label.get_text()), rel=1e-3)
    assert "Hz" in ax.get_xlabel()


def test_every_cell_of_the_confusion_matrix_has_a_legible_number():
    _, ax = plt.subplots()
    counts = np.random.default_rng(0).integers(0, 20, (8, 8))
    plots.draw_confusion_matrix(ax, counts, EMOTIONS, "title")
    share = 100 * counts / counts.sum(axis=1, keepdims=True)
    assert [t.get_text() for t in ax.texts] == [f"{s:.0f}" for s in share.ravel()]
    for text, value in zip(ax.texts, share.ravel(), strict=True):
        background = np.array(plt.get_cmap("Blues")(value / 100)[:3])
        assert contrast(background, to_rgb(text.get_color())) > 4


def test_signed_colours_are_centred_on_zero():
    _, ax = plt.subplots()
    signed = np.random.default_rng(0).normal(size=(128, len(features.MEASURES)))
    image = plots.draw_signed_map(ax, signed, "title", limit=2.0)
    assert image.get_clim() == (-2.0, 2.0)
    middle = image.cmap(image.norm(0.0))[:3]
    assert min(middle) > 0.95  # white
    assert [t.get_text() for t in ax.get_yticklabels()] == list(features.MEASURES)


def luminance(colour):
    linear = np.where(
        np.array(colour) <= 0.04045,
        np.array(colour) / 12.92,
        ((np.array(colour) + 0.055) / 1.055) ** 2.4,
    )
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(first, second):
    """Contrast ratio as WCAG 2.2 defines it."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_emotions_differ_in_colour_or_line_style_and_stand_out_on_white():
    looks = {(plots.COLOURS[e], plots.LINE_STYLES[e]) for e in EMOTIONS}
    assert len(looks) == len(EMOTIONS)
    for emotion in EMOTIONS:
        assert contrast(to_rgb(plots.COLOURS[emotion]), (1, 1, 1)) > 2
