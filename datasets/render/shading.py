"""Node groups: the sky, the haze that takes its colour, and a shorthand to wire nodes."""

from __future__ import annotations

import functools
import tempfile
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np

# Light is scaled so that Blender's clamps mean the same in every picture.
DIM = 0.1

# Light of the clear sky and of the sun on level ground, by the sun's elevation, as Blender's
# Nishita model (2020) has it at dust 1 and 4; measured once with a white plate under the sky.
ELEVATIONS = (3, 6, 12, 25, 45, 65)
SKY_LIGHT = ((0.90, 1.38, 2.0, 2.65, 3.1, 3.3), (0.81, 1.42, 2.4, 3.85, 4.9, 5.4))
SUN_LIGHT = (
    (
        (0.76, 0.33, 0.03),
        (2.68, 1.53, 0.44),
        (7.5, 5.24, 2.62),
        (18.4, 14.5, 9.9),
        (33, 27, 21),
        (43.6, 36.5, 29.3),
    ),
    (
        (0.19, 0.08, 0.01),
        (1.27, 0.72, 0.21),
        (5.1, 3.6, 1.8),
        (15.2, 12, 8.2),
        (29.7, 24.4, 18.8),
        (40, 33.4, 26.8),
    ),
)


def light_levels(elevation: float, dust: float) -> tuple[float, np.ndarray]:
    """Return what a level white plate sends back: under the sky alone, and (rgb) the sun alone."""
    t = np.clip((dust - 1) / 3, 0, 1)
    sky = [np.interp(elevation, ELEVATIONS, row) for row in SKY_LIGHT]
    sun = [
        [np.interp(elevation, ELEVATIONS, column) for column in np.array(t).T] for t in SUN_LIGHT
    ]
    return float(sky[0] * (1 - t) + sky[1] * t), np.array(sun[0]) * (1 - t) + np.array(sun[1]) * t


class Wiring:
    """Shorthand for building a node tree."""

    def __init__(self, tree: bpy.types.NodeTree) -> None:
        self.tree = tree

    def node(self, kind: str, inputs: dict | None = None, **settings: object) -> bpy.types.Node:
        """Add a node; `inputs` maps socket name or number to a socket or a value."""
        node = self.tree.nodes.new(kind)
        for name, value in settings.items():
            setattr(node, name, value)
        for key, value in (inputs or {}).items():
            self.put(node.inputs[key], value)
        return node

    def put(self, socket: bpy.types.NodeSocket, value: object) -> None:
        """Link or set an input."""
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        else:
            socket.default_value = value

    def math(self, operation: str, *values: object, clamp: bool = False) -> bpy.types.NodeSocket:
        """Return the result of a Math node."""
        node = self.node(
            "ShaderNodeMath", dict(enumerate(values)), operation=operation, use_clamp=clamp
        )
        return node.outputs[0]

    def vector(self, operation: str, *values: object) -> bpy.types.NodeSocket:
        """Return the vector result of a Vector Math node."""
        node = self.node("ShaderNodeVectorMath", dict(enumerate(values)), operation=operation)
        return node.outputs[0]

    def mix(self, factor: object, a: object, b: object, blend: str = "MIX") -> bpy.types.NodeSocket:
        """Return a mixed colour."""
        node = self.node("ShaderNodeMix", {0: factor}, data_type="RGBA", blend_type=blend)
        self.put(node.inputs[6], a)
        self.put(node.inputs[7], b)
        return node.outputs[2]

    def noise(
        self, at: object, scale: float, detail: float = 4, roughness: float = 0.55
    ) -> bpy.types.NodeSocket:
        """Return fractal noise of about 0.25..0.75."""
        inputs = {"Vector": at, "Scale": scale, "Detail": detail, "Roughness": roughness}
        return self.node("ShaderNodeTexNoise", inputs).outputs[0]

    def ramp(self, value: object, low: float, high: float) -> bpy.types.NodeSocket:
        """Return 0 below `low`, 1 above `high`, smooth between."""
        node = self.node(
            "ShaderNodeMapRange", {0: value, 1: low, 2: high}, interpolation_type="SMOOTHSTEP"
        )
        return node.outputs[0]


def sky_group(sight: dict, bearing: float) -> bpy.types.NodeTree:
    """Return a node group from direction to light: Nishita sky, overcast, clouds.

    Parameters
    ----------
    sight
        The weather of a view.
    bearing
        Of the sun, radians from +x towards +y.

    """
    group = bpy.data.node_groups.new("sky", "ShaderNodeTree")
    group.interface.new_socket("Direction", in_out="INPUT", socket_type="NodeSocketVector")
    group.interface.new_socket("Clouds", in_out="INPUT", socket_type="NodeSocketFloat")
    group.interface.new_socket("Light", in_out="OUTPUT", socket_type="NodeSocketColor")
    w = Wiring(group)
    enter, leave = w.node("NodeGroupInput"), w.node("NodeGroupOutput")
    parts = w.node("ShaderNodeSeparateXYZ", {0: w.vector("NORMALIZE", enter.outputs[0])})
    x, y, z = parts.outputs
    # The sky goes on below the horizon: waves mirror it there, and no dark band shows.
    z = w.math("SQRT", w.math("MULTIPLY_ADD", z, z, 0.06**2))
    direction = w.node("ShaderNodeCombineXYZ", {0: x, 1: y, 2: z}).outputs[0]
    sky = w.node(
        "ShaderNodeTexSky",
        {"Vector": direction},
        sky_type="NISHITA",
        sun_disc=False,
        sun_elevation=np.radians(sight["sun_elevation"]),
        sun_rotation=np.pi / 2 - bearing,
        altitude=10.0,
        air_density=1.0,
        dust_density=sight["dust"],
    ).outputs[0]
    level, sun = light_levels(sight["sun_elevation"], sight["dust"])
    total = level + float(sun.mean())
    # Overcast after Moon and Spencer (1942): three times brighter overhead than at the horizon.
    rise = w.math("MULTIPLY_ADD", w.math("POWER", z, 0.7), 0.62, 0.42)
    grey = rise
    if sight["overcast"] > 0.3:
        patches = w.noise(w.vector("DIVIDE", direction, w.math("ADD", z, 0.15)), 0.7, 4)
        grey = w.math("MULTIPLY", rise, w.math("MULTIPLY_ADD", patches, 0.9, 0.55))
    tone = 0.26 * total
    dull = w.mix(1.0, grey, (tone * 0.97, tone, tone * 1.04, 1), "MULTIPLY")
    light = w.mix(sight["overcast"], sky, dull)
    if 0 < sight["cover"] < 1:
        at = w.vector("DIVIDE", direction, w.math("ADD", z, 0.1))
        at = w.vector("ADD", at, (sight["wind_direction"] * 0.7, sight["swell_direction"], 0.0))
        density = w.noise(at, 0.75, 5, 0.56)
        edge = 0.62 - 0.26 * sight["cover"]
        mask = w.ramp(density, edge, edge + 0.16)
        mask = w.math("MULTIPLY", mask, w.ramp(z, 0.015, 0.16))
        mask = w.math("MULTIPLY", mask, enter.outputs[1])
        lit = w.math(
            "MULTIPLY_ADD", w.noise(w.vector("ADD", at, (0.09, 0.05, 0.0)), 1.1, 2), -1.1, 1.35
        )
        bright = 0.3 * total + 0.9 * level
        tinted = np.array([1, 1, 1]) * 0.55 + sun / sun.max() * 0.45
        white = w.mix(1.0, lit, (*(bright * tinted), 1), "MULTIPLY")
        light = w.mix(w.math("MULTIPLY", mask, 0.88), light, white)
    w.tree.links.new(light, leave.inputs[0])
    return group


def horizon_light(sight: dict) -> np.ndarray:
    """Return the light just above the horizon, shape (9, 3): from below the sun to opposite it."""
    strip = _clear_horizon(sight["sun_elevation"], sight["dust"])
    level, sun = light_levels(sight["sun_elevation"], sight["dust"])
    dull = 0.26 * (level + float(sun.mean())) * 0.48 * np.array([0.97, 1.0, 1.04])
    return strip * (1 - sight["overcast"]) + dull * sight["overcast"]


@functools.cache
def _clear_horizon(elevation: float, dust: float) -> np.ndarray:
    """Render a strip of clear sky; a sky texture in every material would take most of the time."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    world = bpy.data.worlds.new("strip")
    scene.world, world.use_nodes = world, True
    w = Wiring(world.node_tree)
    sky = w.node(
        "ShaderNodeTexSky",
        sky_type="NISHITA",
        sun_disc=False,
        altitude=10.0,
        sun_elevation=np.radians(elevation),
        sun_rotation=np.pi / 2,
        dust_density=dust,
    )
    w.put(world.node_tree.nodes["Background"].inputs[0], sky.outputs[0])
    world.cycles.sampling_method = "NONE"
    camera = bpy.data.cameras.new("strip")
    camera.type, camera.panorama_type = "PANO", "EQUIRECTANGULAR"
    camera.latitude_min, camera.latitude_max = np.radians(3.0), np.radians(4.0)
    camera.longitude_min, camera.longitude_max = -np.pi / 16, np.pi * 17 / 16
    holder = bpy.data.objects.new("strip", camera)
    # Level, looking along +x, where the sun stands; longitude grows to the left or right alike.
    holder.rotation_euler = (np.pi / 2, 0, -np.pi / 2)
    scene.collection.objects.link(holder)
    scene.camera = holder
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 4
    scene.render.threads_mode, scene.render.threads = "FIXED", 1
    scene.render.resolution_x, scene.render.resolution_y = 9, 4
    return render_light(9, 4).mean(0)


def render_light(width: int, height: int) -> np.ndarray:
    """Render the scene and return its linear light, (height, width, 3), top row first."""
    scene = bpy.context.scene
    scene.render.resolution_percentage = 100
    scene.render.image_settings.file_format = "OPEN_EXR"
    scene.render.image_settings.color_depth = "32"
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "light.exr")
        scene.render.filepath = path
        bpy.ops.render.render(write_still=True)
        image = bpy.data.images.load(path)
        image.colorspace_settings.name = "Non-Color"
        values = np.empty(width * height * 4, np.float32)
        image.pixels.foreach_get(values)
    return values.reshape(height, width, 4)[::-1, :, :3].astype(float)


@dataclass(frozen=True)
class Air:
    """What distance does to colours: `horizon` light, `bearing` of the sun, `visibility` (m)."""

    horizon: np.ndarray
    bearing: float
    visibility: float


def haze(w: Wiring, surface: object, air: Air) -> bpy.types.NodeSocket:
    """Return `surface` seen through the air: distant things take the horizon's colour."""
    view = w.node("ShaderNodeCameraData").outputs["View Distance"]
    path = w.node("ShaderNodeLightPath").outputs["Is Camera Ray"]
    clear = w.math("EXPONENT", w.math("MULTIPLY", view, -3.0 / air.visibility))
    fog = w.math("MULTIPLY", w.math("SUBTRACT", 1.0, clear), path, clamp=True)
    incoming = w.node("ShaderNodeNewGeometry").outputs["Incoming"]
    away = w.vector("NORMALIZE", w.vector("MULTIPLY", incoming, (-1, -1, 0)))
    sunward = (float(np.cos(air.bearing)), float(np.sin(air.bearing)), 0.0)
    dot = w.node("ShaderNodeVectorMath", {0: away, 1: sunward}, operation="DOT_PRODUCT").outputs[
        "Value"
    ]
    angle = w.math("DIVIDE", w.math("ARCCOSINE", w.math("MULTIPLY", dot, 0.9999)), np.pi)
    ramp = w.node("ShaderNodeValToRGB", {0: angle})
    stops = ramp.color_ramp.elements
    while len(stops) < len(air.horizon):
        stops.new(0.5)
    for k, colour in enumerate(air.horizon):
        stops[k].position = k / (len(air.horizon) - 1)
        stops[k].color = (*(float(c) * DIM for c in colour), 1.0)
    glow = w.node("ShaderNodeEmission", {0: ramp.outputs[0]}).outputs[0]
    return w.node("ShaderNodeMixShader", {0: fog, 1: surface, 2: glow}).outputs[0]
