"""Which vessels there are, who sees them when, and in which split they are: all from one seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .battleships import build_battleship, design_battleship
from .carriers import build_carrier, design_carrier
from .destroyers import build_destroyer, design_destroyer
from .draw import between, chance, generator, pick
from .frigates import build_frigate, design_frigate
from .power import build_motorboat, design_motorboat
from .sailing import build_sailing_yacht, design_sailing_yacht
from .shape import Shape

SEED = 20
VESSELS, VIEWS, PIXELS = 20, 6, 256
SPLITS = {"train": 12, "validation": 4, "test": 4}

Design = Callable[[np.random.Generator, int], dict]
Build = Callable[[dict, np.random.Generator], Shape]
CLASSES: dict[str, tuple[Design, Build]] = {
    "aircraft_carrier": (design_carrier, build_carrier),
    "battleship": (design_battleship, build_battleship),
    "destroyer": (design_destroyer, build_destroyer),
    "frigate": (design_frigate, build_frigate),
    "sailing_yacht": (design_sailing_yacht, build_sailing_yacht),
    "motorboat": (design_motorboat, build_motorboat),
}
BIG = ("aircraft_carrier", "battleship", "destroyer", "frigate")


@dataclass(frozen=True)
class Vessel:
    """One vessel: its class, its number in the class, its split and its design."""

    label: str
    number: int
    split: str
    seed: int
    design: dict = field(repr=False)

    @property
    def name(self) -> str:
        """Return the id that pictures of the same vessel share."""
        return f"{self.label}_{self.number:02d}"

    def build(self) -> Shape:
        """Return the vessel's shape; the same one at every call."""
        return CLASSES[self.label][1](self.design, generator(self.seed, self.name, "build"))


@dataclass(frozen=True)
class View:
    """One picture of a vessel.

    Attributes
    ----------
    sight
        Camera, light, sea, surroundings and film: see `draw_view`.

    """

    vessel: Vessel
    number: int
    sight: dict = field(repr=False)

    @property
    def file(self) -> str:
        """Return the picture's path inside the set."""
        return f"{self.vessel.label}/{self.vessel.name}_{self.number}.jpg"


def make_vessels(seed: int = SEED) -> list[Vessel]:
    """Return the 120 vessels, class by class."""
    vessels = []
    for label, (design, _) in CLASSES.items():
        splits = [name for name, count in SPLITS.items() for _ in range(count)]
        order = generator(seed, label, "split").permutation(VESSELS)
        split = {int(v): splits[k] for k, v in enumerate(order)}
        for number in range(VESSELS):
            rng = generator(seed, label, number, "design")
            vessels.append(Vessel(label, number, split[number], seed, design(rng, number)))
    return vessels


def make_plan(seed: int = SEED) -> list[View]:
    """Return the 720 pictures, class by class and vessel by vessel."""
    return [
        View(vessel, number, draw_view(vessel, number))
        for vessel in make_vessels(seed)
        for number in range(VIEWS)
    ]


def draw_view(vessel: Vessel, number: int) -> dict:
    """Draw how a vessel is seen.

    Returns
    -------
    dict
        Flat, of plain numbers and words; `labels.csv` lists it. Angles in degrees, lengths in
        metres, speeds in m/s. `azimuth` is the camera's bearing from the bow; `sun_azimuth` is the
        sun's from the camera's line of sight (0 behind the subject, 180 behind the camera).

    """
    rng = generator(vessel.seed, vessel.name, number, "view")
    big, sailing = vessel.label in BIG, vessel.label == "sailing_yacht"
    start = generator(vessel.seed, vessel.name, "round").uniform(0, 360)
    azimuth = (start + number * 137.5 + rng.uniform(-18, 18)) % 360
    # Photographers seldom stand right ahead or astern, where a ship is hard to read.
    if min(abs((azimuth + 12) % 180 - 12), 1e9) < 12 and chance(rng, 0.7):
        azimuth = (azimuth + float(rng.choice((-1, 1))) * rng.uniform(18, 55)) % 360
    sight: dict = {"azimuth": round(float(azimuth), 2)}
    length = vessel.design["length"]
    stand = pick(rng, ("low", "bridge", "air"), (5, 3, 3) if big else (6, 3, 1.6))
    # Pictures of small craft are taken from small craft.
    sight["distance"] = round(
        length * float(np.exp(rng.uniform(np.log(1.25), np.log(6 if big else 7)))), 2
    )
    low = (2.2, 12.0) if big else (1.3, 3.2)
    bridge = (14, 32) if big else (3.2, 8)
    if stand == "air":
        sight["height"] = round(sight["distance"] * np.tan(np.radians(between(rng, 9, 30))) + 3, 2)
    else:
        sight["height"] = between(rng, *(low if stand == "low" else bridge))
    sight["stand"] = stand
    sight["fill"] = round(
        float(np.exp(rng.uniform(np.log(0.7 if big else 0.6), np.log(1.4 if big else 1.2)))), 3
    )
    sight["offset_x"], sight["offset_y"] = between(rng, -0.28, 0.28), between(rng, -0.3, 0.22)
    sight["roll"] = round(float(rng.normal(0, 1.3)), 2)
    sight |= _weather(rng, big, sailing, sight["distance"])
    sight |= _motion(rng, vessel, sight)
    sight |= _surroundings(rng, sight, big)
    sight |= _film(rng)
    if stand == "air":
        # Dark water fills the picture; a photographer lets it be dark.
        sight["exposure"] = round(sight["exposure"] - 0.4, 3)
    return sight


def _weather(rng: np.random.Generator, big: bool, sailing: bool, distance: float) -> dict:
    sky = pick(rng, ("clear", "scattered", "broken", "overcast", "haze"), (3, 4, 2.5, 2.6, 1.3))
    cover = {
        "clear": 0.0,
        "scattered": between(rng, 0.2, 0.45),
        "broken": between(rng, 0.5, 0.75),
        "overcast": 1.0,
        "haze": between(rng, 0.0, 0.3),
    }[sky]
    low = chance(rng, 0.2)
    sun = float(pick(rng, (4, 6, 9, 13) if low else (18, 24, 31, 39, 47, 55, 62)))
    wind = {True: between(rng, 2, 15), False: between(rng, 1.5, 8.5)}[big]
    if sailing:
        wind = between(rng, 3, 11)
    seen = {"haze": (1500, 6000), "overcast": (5000, 30000)}.get(sky, (9000, 60000))
    return {
        "sky": sky,
        "cover": cover,
        "overcast": 1.0
        if sky == "overcast"
        else between(rng, 0.0, 0.12) + (0.45 if sky == "haze" else 0),
        "sunlight": {
            "overcast": 0.0,
            "haze": between(rng, 0.25, 0.7),
            "broken": between(rng, 0.15, 1.0),
        }.get(sky, between(rng, 0.85, 1.0)),
        "sun_elevation": sun,
        "sun_azimuth": round(float(rng.normal(180, 75)) % 360, 1),
        "dust": float(pick(rng, (0.4, 1.0, 2.5))),
        "visibility": round(max(float(np.exp(rng.uniform(*np.log(seen)))), 9 * distance)),
        "wind": wind,
        "wind_direction": between(rng, 0, 360),
        "swell_height": between(rng, 0.0, 1.6 if big else 0.5),
        "swell_length": between(rng, 60, 180),
        "swell_direction": between(rng, 0, 360),
    }


def _motion(rng: np.random.Generator, vessel: Vessel, sight: dict) -> dict:
    kind = vessel.design.get("kind")
    if vessel.label == "motorboat":
        fast = kind not in ("fishing",)
        at_rest = chance(rng, 0.22)
        speed = (
            0.0
            if at_rest
            else between(rng, 7, 16)
            if fast and chance(rng, 0.75)
            else between(rng, 1.5, 4.5)
        )
        if kind == "flybridge":
            speed = min(speed, 12.0)
    elif vessel.label == "sailing_yacht":
        speed = (
            0.0
            if vessel.design["sails"] == "furled" and chance(rng, 0.5)
            else between(rng, 1.8, 4.2)
        )
    else:
        speed = 0.0 if chance(rng, 0.12) else between(rng, 3, 15.5)
    result = {"speed": speed}
    if vessel.label == "sailing_yacht":
        # The wind comes from the side that the sails are set for.
        result["wind_direction"] = round(
            (180 + vessel.design["tack"] * -1 * between(rng, 45, 120)) % 360, 1
        )
    return result


def _surroundings(rng: np.random.Generator, sight: dict, big: bool) -> dict:
    land = pick(rng, ("none", "hills", "coast", "harbour"), (5, 2, 1.6, 0.9))
    return {
        "land": land,
        "land_distance": round(
            sight["distance"]
            + (
                between(rng, 900, 7000)
                if land in ("hills", "coast")
                else between(rng, 90, 260) * (2.2 if big else 1)
            )
        ),
        "other": pick(rng, ("none", "ship", "sail"), (7, 1.6, 1.4)),
        "other_distance": round(sight["distance"] + between(rng, 700, 3500)),
        "other_offset": between(rng, -0.9, 0.9),
        "water_hue": between(rng, 0, 1),
    }


def _film(rng: np.random.Generator) -> dict:
    return {
        "exposure": round(float(np.clip(rng.normal(0.08, 0.28), -0.6, 0.7)), 3),
        "warmth": round(float(rng.normal(0, 0.05)), 3),
        "tint": round(float(rng.normal(0, 0.012)), 4),
        "contrast": between(rng, 0.98, 1.3),
        "saturation": between(rng, 0.82, 1.16),
        "blur": round(float(np.clip(rng.gamma(2.0, 0.13), 0.05, 0.8)), 3),
        "motion": round(float(rng.exponential(0.25)) if chance(rng, 0.3) else 0.0, 3),
        "motion_angle": between(rng, 0, 180),
        "vignette": between(rng, 0.0, 0.3),
        "fringe": between(rng, 0.0, 0.8),
        "noise": round(float(np.exp(rng.uniform(np.log(0.002), np.log(0.012)))), 4),
        "grain": between(rng, 0.5, 1.0),
        "sharpen": between(rng, 0.0, 0.8),
        "veil": between(rng, 0.0, 0.035),
        "quality": int(rng.integers(85, 93)),
    }
