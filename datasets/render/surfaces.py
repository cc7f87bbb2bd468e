"""Materials: weathered paint, glass, cloth, wood, water. Nothing is one plain colour."""

from __future__ import annotations

import bpy
import numpy as np

from .shading import Air, Wiring, haze

# Roughness, metallic, how much the colour varies, how much the surface is uneven.
KINDS = {
    "paint": (0.55, 0.0, 0.22, 0.10),
    "hull": (0.48, 0.0, 0.22, 0.16),
    "gelcoat": (0.16, 0.0, 0.07, 0.02),
    "gloss": (0.22, 0.0, 0.08, 0.02),
    "varnish": (0.14, 0.0, 0.35, 0.02),
    "deck": (0.8, 0.0, 0.32, 0.2),
    "deck_white": (0.6, 0.0, 0.15, 0.1),
    "wood": (0.7, 0.0, 0.4, 0.2),
    "metal": (0.4, 0.6, 0.25, 0.05),
    "cloth": (0.9, 0.0, 0.2, 0.3),
    "sail": (0.75, 0.0, 0.07, 0.25),
    "rubber": (0.55, 0.0, 0.12, 0.1),
    "stone": (0.9, 0.0, 0.5, 0.6),
    "forest": (0.95, 0.0, 0.9, 1.0),
}


def linear(colour: str) -> tuple[float, float, float, float]:
    """Return an sRGB hex colour as linear RGBA."""
    c = np.array([int(colour[i : i + 2], 16) for i in (0, 2, 4)]) / 255
    c = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return (*(float(v) for v in c), 1.0)


def make_surface(
    name: str, kind: str, colour: str, marks: dict, air: Air, scale: float
) -> bpy.types.Material:
    """Return a material.

    Parameters
    ----------
    name
        Of the material.
    kind
        One of `KINDS`, or `glass`.
    colour
        sRGB hex.
    marks
        Wear and boot-topping of the vessel: see `Shape.marks`.
    air
        What distance does to colours.
    scale
        Length of the vessel: the grain of large ships is larger.

    """
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    # The haze glows, but lights nothing; sampling it as a lamp would take most of the time.
    material.cycles.emission_sampling = "NONE"
    tree = material.node_tree
    tree.nodes.clear()
    w = Wiring(tree)
    out = w.node("ShaderNodeOutputMaterial")
    at = w.node("ShaderNodeTexCoord").outputs["Object"]
    if kind == "glass":
        shader = w.node(
            "ShaderNodeBsdfPrincipled", {"Base Color": linear(colour), "Roughness": 0.06}
        ).outputs[0]
    else:
        shader = _painted(w, at, kind, colour, marks, scale)
    w.tree.links.new(haze(w, shader, air), out.inputs[0])
    return material


def _painted(w: Wiring, at, kind: str, colour: str, marks: dict, scale: float):
    rough, metallic, varies, uneven = KINDS[kind]
    grain = 14 / scale**0.75
    wide = w.noise(at, grain * 0.6, 3, 0.6)
    fine = w.noise(at, grain * 9, 2, 0.6)
    tone = w.math("ADD", w.math("MULTIPLY", wide, varies), w.math("MULTIPLY", fine, varies * 0.7))
    tone = w.math("ADD", tone, 1 - varies * 0.85)
    base = linear(colour)
    if kind in ("hull", "paint") and marks.get("camouflage"):
        blotch = w.ramp(
            w.noise(w.vector("MULTIPLY", at, (1.0, 0.3, 2.0)), 5.5 / scale, 1.5), 0.5, 0.505
        )
        base = w.mix(blotch, base, linear(str(marks["camouflage"])))
    painted = w.mix(1.0, base, tone, "MULTIPLY")
    streaks = w.noise(w.vector("MULTIPLY", at, (1.0, 1.0, 0.07)), grain * 7, 3, 0.65)
    if kind in ("hull", "paint", "gelcoat", "deck", "deck_white", "rubber"):
        dirt = w.math("MULTIPLY", w.ramp(streaks, 0.52, 0.75), 0.5 * float(marks.get("dirt", 0.2)))
        painted = w.mix(dirt, painted, linear("4a443a"))
    if kind in ("hull", "paint") and marks.get("rust"):
        spots = w.math(
            "MULTIPLY", w.ramp(streaks, 0.6, 0.72), w.ramp(w.noise(at, grain * 1.7, 2), 0.5, 0.62)
        )
        painted = w.mix(w.math("MULTIPLY", spots, float(marks["rust"])), painted, linear("6b3a20"))
    if kind in ("hull", "gelcoat", "varnish") and "boot" in marks:
        painted, rough = _waterline(w, at, painted, marks, rough, scale)
    bump = w.node("ShaderNodeBump", {"Strength": uneven, "Distance": 0.02 * scale**0.5})
    dents = w.noise(at, grain * 2.2, 2) if kind in ("hull", "paint", "sail") else fine
    w.put(bump.inputs["Height"], dents)
    shader = w.node(
        "ShaderNodeBsdfPrincipled",
        {
            "Base Color": painted,
            "Roughness": rough,
            "Metallic": metallic,
            "Normal": bump.outputs[0],
        },
    ).outputs[0]
    if kind == "sail":
        through = w.node(
            "ShaderNodeBsdfTranslucent", {0: w.mix(1.0, base, (1.0, 0.95, 0.85, 1), "MULTIPLY")}
        ).outputs[0]
        shader = w.node("ShaderNodeMixShader", {0: 0.36, 1: shader, 2: through}).outputs[0]
    return shader


def _waterline(w: Wiring, at, painted, marks: dict, rough: float, scale: float):
    """Return colour and roughness with boot-topping, a stained edge and a wet strip."""
    z = w.node("ShaderNodeSeparateXYZ", {0: at}).outputs[2]
    wobble = w.math(
        "MULTIPLY_ADD", w.noise(at, 30 / scale, 3), 0.02 * scale**0.5, -0.01 * scale**0.5
    )
    boot = float(marks["boot"])
    painted = w.mix(w.math("LESS_THAN", z, boot), painted, linear(str(marks["boot_colour"])))
    painted = w.mix(w.math("LESS_THAN", z, -boot * 0.4), painted, linear(str(marks["below"])))
    wet = w.math(
        "SUBTRACT",
        1.0,
        w.ramp(w.math("ADD", z, wobble), boot * 0.5, boot * 1.2 + 0.012 * scale**0.7),
    )
    stained = w.mix(
        w.math("MULTIPLY", wet, 0.45),
        painted,
        w.mix(1.0, painted, (0.45, 0.47, 0.4, 1), "MULTIPLY"),
    )
    return stained, w.math("SUBTRACT", rough, w.math("MULTIPLY", wet, rough * 0.75))


def make_water_surface(sight: dict, air: Air, scale: float) -> bpy.types.Material:
    """Return the sea: it mirrors by the waves' own normals; foam comes from attributes."""
    material = bpy.data.materials.new("water")
    material.use_nodes = True
    # The haze glows, but lights nothing; sampling it as a lamp would take most of the time.
    material.cycles.emission_sampling = "NONE"
    tree = material.node_tree
    tree.nodes.clear()
    w = Wiring(tree)
    out = w.node("ShaderNodeOutputMaterial")

    def attribute(name: str, output: str = "Fac"):
        return w.node("ShaderNodeAttribute", attribute_name=name).outputs[output]

    at = w.node("ShaderNodeNewGeometry").outputs["Position"]
    near = w.math(
        "EXPONENT",
        w.math("MULTIPLY", w.node("ShaderNodeCameraData").outputs["View Distance"], -1 / 35),
    )
    ripple = w.node("ShaderNodeTexNoise", {"Vector": at, "Scale": 5.0, "Detail": 1.0}).outputs[
        "Color"
    ]
    ripple = w.vector("MULTIPLY", w.vector("SUBTRACT", ripple, (0.5, 0.5, 0.5)), (0.35, 0.35, 0.0))
    strength = w.math("MULTIPLY", near, min(sight["wind"] / 7, 1.2))
    ripple = w.node(
        "ShaderNodeVectorMath", {0: ripple, "Scale": strength}, operation="SCALE"
    ).outputs[0]
    normal = w.vector("NORMALIZE", w.vector("ADD", attribute("wave_normal", "Vector"), ripple))
    hue = sight["water_hue"]
    deep = np.array([0.006, 0.022, 0.034]) * (1 - hue) + np.array([0.014, 0.034, 0.030]) * hue
    milky = attribute("milky")
    body = w.mix(w.math("MULTIPLY", milky, 0.55), (*deep, 1), (0.10, 0.24, 0.25, 1))
    water = w.node(
        "ShaderNodeBsdfPrincipled",
        {"Base Color": body, "Roughness": attribute("rough"), "IOR": 1.333, "Normal": normal},
    ).outputs[0]
    # Foam is lace: an amount per point, torn by noise from the size of the vessel to centimetres.
    lace = w.math(
        "MULTIPLY_ADD",
        w.noise(at, 10 / scale**0.9, 6, 0.68),
        0.75,
        w.math("MULTIPLY", w.noise(at, 1.7, 3, 0.7), 0.45),
    )
    mask = w.ramp(
        w.math("ADD", attribute("foam"), w.math("MULTIPLY_ADD", lace, 2.4, -1.44)), 0.42, 0.86
    )
    thin = w.math("MULTIPLY", mask, 0.92)
    white = w.node("ShaderNodeBsdfDiffuse", {0: (0.72, 0.75, 0.76, 1)}).outputs[0]
    shader = w.node("ShaderNodeMixShader", {0: thin, 1: water, 2: white}).outputs[0]
    w.tree.links.new(haze(w, shader, air), out.inputs[0])
    return material


def make_spray_surface(air: Air) -> bpy.types.Material:
    """Return drops: white, half transparent."""
    material = bpy.data.materials.new("spray")
    material.use_nodes = True
    # The haze glows, but lights nothing; sampling it as a lamp would take most of the time.
    material.cycles.emission_sampling = "NONE"
    tree = material.node_tree
    tree.nodes.clear()
    w = Wiring(tree)
    out = w.node("ShaderNodeOutputMaterial")
    white = w.node("ShaderNodeBsdfDiffuse", {0: (0.85, 0.87, 0.88, 1)}).outputs[0]
    through = w.node("ShaderNodeBsdfTranslucent", {0: (0.85, 0.87, 0.88, 1)}).outputs[0]
    mixed = w.node("ShaderNodeMixShader", {0: 0.4, 1: white, 2: through}).outputs[0]
    clear = w.node("ShaderNodeBsdfTransparent").outputs[0]
    shader = w.node("ShaderNodeMixShader", {0: 0.4, 1: mixed, 2: clear}).outputs[0]
    w.tree.links.new(haze(w, shader, air), out.inputs[0])
    return material
