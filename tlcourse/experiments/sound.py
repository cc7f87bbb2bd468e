"""Sounds as pictures: eight kinds of sound, made by formulas, and their spectrograms.

Recordings that may be passed on with a course are rare, so these are computed. Each kind follows
what is known of how such a sound comes about; pitch, length, loudness, echo and noise are drawn
anew for every clip.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from tlcourse.errors import HIGHEST_SEED, ArgumentError, must_be_whole
from tlcourse.messages import progress

RATE = 16_000
"""Samples a second: frequencies up to 8 kHz."""

SECONDS = 1.5
_SAMPLES = int(RATE * SECONDS)
_TIME = np.arange(_SAMPLES) / RATE

_NOISE = (-5.0, 10.0)
"""How much stronger the sound is than the noise, in decibels: below 0 the noise is the stronger."""

_WINDOW, _HOP, _BANDS = 512, 160, 128
_LOWEST, _RANGE = 50.0, 60.0
"""Hertz of the lowest band; decibels from black to white."""

Random = np.random.Generator


def sound_kinds() -> tuple[str, ...]:
    """Return the names of the kinds of sound."""
    return tuple(_KINDS)


def make_sound(kind: str, seed: int = 0) -> np.ndarray:
    """Return a clip of a second and a half.

    Parameters
    ----------
    kind
        One of `sound_kinds()`.
    seed
        Of pitch, length, echo and noise.

    Returns
    -------
    `(24000,)` float32, -1..1, at 16,000 samples a second.

    Raises
    ------
    ArgumentError
        When there is no such kind.

    """
    must_be_whole("seed", seed, 0, HIGHEST_SEED)
    if kind not in _KINDS:
        raise ArgumentError(
            "There is no such kind of sound.",
            expected=", ".join(_KINDS),
            received=f"kind={kind!r}",
        )
    random = np.random.default_rng([seed, list(_KINDS).index(kind)])
    start = int(random.uniform(0, 0.3) * RATE)
    sound = np.concatenate([np.zeros(start), _as_loud_as_one(_KINDS[kind](random))])[:_SAMPLES]
    echo = int(random.uniform(0.02, 0.08) * RATE)
    sound[echo:] += random.uniform(0, 0.4) * sound[:-echo]
    noise = _band(random.normal(size=_SAMPLES), (20.0, random.uniform(100, 3000)), order=1)
    sound += _as_loud_as_one(noise) * 10 ** (-random.uniform(*_NOISE) / 20)
    return (sound / np.abs(sound).max()).astype(np.float32)


def spectrogram(sound: np.ndarray) -> np.ndarray:
    """Return the picture of a sound: time from left to right, pitch from below to above.

    The strength of 128 bands of frequency in windows of 32 ms, one every 10 ms. The bands are
    equally wide on the mel scale, on which equal steps sound equally far apart (Stevens, Volkmann
    and Newman 1937). Strength is in decibels: white is the strongest place, black 60 dB below.

    Parameters
    ----------
    sound
        `(n,)` of at least 512 samples, 16,000 a second.

    Returns
    -------
    `(128, frames)` uint8, the highest band in the first row.

    Raises
    ------
    ArgumentError
        When it is no sound, too short, or silent.

    """
    from scipy.signal import spectrogram as power_spectrogram

    values = np.asarray(sound, np.float64)
    if values.ndim != 1 or len(values) < _WINDOW or not np.isfinite(values).all():
        raise ArgumentError(
            "The argument 'sound' is no sound.",
            expected=f"numbers of shape (n,), at least {_WINDOW}",
            received=f"shape {values.shape}",
        )
    if not values.any():
        raise ArgumentError("The sound is silent, so its picture has no strongest place.")
    frequencies, _, power = power_spectrogram(values, RATE, "hann", _WINDOW, _WINDOW - _HOP)
    decibels = 10 * np.log10(_bands(frequencies) @ power + 1e-12)
    levels = np.clip((decibels - decibels.max()) / _RANGE + 1, 0, 1)
    return np.rint(levels[::-1] * 255).astype(np.uint8)


def write_spectrograms(folder: str | Path, *, each: int = 40, seed: int = 0) -> Path:
    """Make clips of every kind, and write their spectrograms as a folder of pictures.

    Parameters
    ----------
    folder
        Where to make a folder for each kind, with PNG files in it, for `tl.load_images`.
    each
        Clips of each kind.
    seed
        Of the first clip; each next one has a seed higher by one.

    Returns
    -------
    The folder.

    """
    must_be_whole("each", each, 1, 100_000)
    must_be_whole("seed", seed, 0, HIGHEST_SEED - each)
    folder = Path(folder)
    for kind in progress(_KINDS, what="making sounds", unit="kind"):
        place = folder / kind
        place.mkdir(parents=True, exist_ok=True)
        for number in range(each):
            picture = Image.fromarray(spectrogram(make_sound(kind, seed + number)))
            picture.save(place / f"{number:04}.png")
    return folder


def _bands(frequencies: np.ndarray) -> np.ndarray:
    """Return `(bands, frequencies)` weights: triangles, equally wide on the mel scale."""
    mel = np.linspace(_to_mel(_LOWEST), _to_mel(RATE / 2), _BANDS + 2)
    edges = 700 * (10 ** (mel / 2595) - 1)
    low, middle, high = (part[:, np.newaxis] for part in (edges[:-2], edges[1:-1], edges[2:]))
    rising, falling = (frequencies - low) / (middle - low), (high - frequencies) / (high - middle)
    weights = np.clip(np.minimum(rising, falling), 0, None)
    # The lowest bands are narrower than the steps of the spectrum: they take the nearest one.
    for band in np.flatnonzero(weights.sum(axis=1) == 0):
        weights[band, np.abs(frequencies - edges[band + 1]).argmin()] = 1
    return weights / weights.sum(axis=1, keepdims=True)


def _to_mel(hertz: float) -> float:
    """Return a pitch in mel, by O'Shaughnessy's formula (1987)."""
    return float(2595 * np.log10(1 + hertz / 700))


def _as_loud_as_one(sound: np.ndarray) -> np.ndarray:
    return sound / np.sqrt(np.mean(sound**2))


def _band(sound: np.ndarray, hertz: tuple[float, float], order: int = 2) -> np.ndarray:
    """Return what lies in a band of frequencies (Butterworth's filter)."""
    from scipy.signal import butter, sosfilt

    return np.asarray(sosfilt(butter(order, hertz, "band", fs=RATE, output="sos"), sound))


def _held(random: Random, rise: float, fall: float) -> np.ndarray:
    """Return the loudness of a tone that is blown or bowed: it rises, is held, and falls."""
    length = random.uniform(0.7, 1.4)
    return np.clip(_TIME / rise, 0, 1) * np.clip((length - _TIME) / fall, 0, 1)


def _tone(random: Random, strengths: dict[int, float], vibrato: float = 0.0) -> np.ndarray:
    """Return a tone by its harmonics: from the number of each to its strength."""
    pitch = random.uniform(220, 660)
    trembling = 1 + vibrato * np.sin(2 * np.pi * random.uniform(4.5, 6.5) * _TIME)
    phase = 2 * np.pi * np.cumsum(pitch * trembling) / RATE
    return np.sum(
        [
            strength * np.sin(number * phase + random.uniform(0, 2 * np.pi))
            for number, strength in strengths.items()
            if number * pitch < RATE / 2
        ],
        axis=0,
    )


def _bell(random: Random) -> np.ndarray:
    """Return partials that are no harmonics, the high ones fading first (Risset 1969)."""
    pitch, long = random.uniform(200, 700), random.uniform(0.3, 1.2)
    partials = [
        (0.56, 1.0, 1.0), (0.92, 0.9, 0.67), (1.19, 0.65, 1.0), (1.7, 0.55, 1.8), (2.0, 0.33, 2.67),
        (2.74, 0.35, 1.67), (3.0, 0.25, 1.46), (3.76, 0.2, 1.33), (4.07, 0.15, 1.33),
    ]  # fmt: skip
    return np.sum(
        [
            strength
            * np.sin(2 * np.pi * pitch * ratio * _TIME + random.uniform(0, 2 * np.pi))
            * np.exp(-_TIME / (long * lasting))
            for ratio, lasting, strength in partials
        ],
        axis=0,
    )


def _bird(random: Random) -> np.ndarray:
    """Return short whistles whose pitch glides and wobbles."""
    sound, at, pitch = np.zeros(_SAMPLES), random.uniform(0, 0.2), random.uniform(2000, 4500)
    while at < SECONDS - 0.2:
        length = random.uniform(0.06, 0.2)
        step = np.arange(int(length * RATE)) / int(length * RATE)
        wobble = random.uniform(-0.1, 0.1) * np.sin(2 * np.pi * random.uniform(1, 4) * step)
        glide = pitch * (1 + random.uniform(-0.3, 0.3) * step + wobble)
        whistle = np.sin(2 * np.pi * np.cumsum(glide) / RATE) * np.hanning(len(step))
        first = int(at * RATE)
        sound[first : first + len(whistle)] += whistle
        at += length + random.uniform(0.03, 0.2)
    return sound


def _clarinet(random: Random) -> np.ndarray:
    """Return odd harmonics alone: a tube that is closed at one end."""
    tone = _tone(random, {number: 1 / number for number in range(1, 16, 2)})
    return tone * _held(random, 0.03, 0.08)


def _cricket(random: Random) -> np.ndarray:
    """Return one high pitch in fast pulses, in chirps of some pulses each."""
    pitch, pulses, chirps = random.uniform(3800, 5200), random.uniform(25, 45), random.uniform(2, 5)
    on = (_TIME * chirps + random.uniform()) % 1 < random.uniform(0.3, 0.6)
    pulse = np.clip(np.sin(2 * np.pi * pulses * _TIME), 0, 1)
    return np.sin(2 * np.pi * pitch * _TIME) * pulse * on


def _flute(random: Random) -> np.ndarray:
    """Return few harmonics, and the breath of the player."""
    tone = _tone(random, {1: 1.0, 2: 0.25, 3: 0.08}, vibrato=0.006)
    breath = 0.1 * _band(random.normal(size=_SAMPLES), (800.0, 4000.0))
    return (tone + breath) * _held(random, 0.08, 0.1)


def _plucked_string(random: Random) -> np.ndarray:
    """Return noise run round a loop, smoother each time (Karplus and Strong 1983)."""
    from scipy.signal import lfilter

    period = int(RATE / random.uniform(110, 440))
    bright = random.uniform(0.5, 0.7)
    burst = np.zeros(_SAMPLES)
    burst[:period] = random.normal(size=period)
    loop = np.zeros(period + 2)
    loop[0], loop[period], loop[period + 1] = 1, -bright * 0.998, -(1 - bright) * 0.998
    return np.asarray(lfilter([1.0], loop, burst))


def _rain(random: Random) -> np.ndarray:
    """Return a hiss, and drops: short tones at random moments."""
    sound = 0.1 * random.normal(size=_SAMPLES)
    step = np.arange(800)
    for _ in range(random.integers(30, 120)):
        first, pitch = random.integers(0, _SAMPLES - len(step)), random.uniform(1500, 6000)
        ring = np.exp(-step / random.uniform(20, 120)) * random.uniform(0.2, 1)
        sound[first : first + len(step)] += ring * np.sin(2 * np.pi * pitch * step / RATE)
    return sound


def _violin(random: Random) -> np.ndarray:
    """Return all harmonics, as of a saw, with vibrato (Helmholtz's bowed string)."""
    tone = _tone(random, {number: 1 / number for number in range(1, 20)}, vibrato=0.012)
    return tone * _held(random, 0.1, 0.12)


_KINDS: dict[str, Callable[[Random], np.ndarray]] = {
    "bell": _bell,
    "bird": _bird,
    "clarinet": _clarinet,
    "cricket": _cricket,
    "flute": _flute,
    "plucked string": _plucked_string,
    "rain": _rain,
    "violin": _violin,
}
