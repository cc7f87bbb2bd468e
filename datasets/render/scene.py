"""Puts a vessel, the sea, the sky and a camera into Blender and returns the rendered light."""

from __future__ import annotations

import bpy
import numpy as np

from .draw import generator
from .lens import Lens, aim
from .mesh import Mesh
from .plan import BIG, PIXELS, View
from .scenery import add_land, add_other
from .shading import DIM, Air, Wiring, horizon_light, light_levels, render_light, sky_group
from .shape import PAINTS, Shape
from .surfaces import make_spray_surface, make_surface, make_water_surface
from .wake import disturb, spray
from .water import Water, make_water
from .waves import make_bands, ride


def render(view: View, *, samples: int, oversample: float) -> np.ndarray:
    """Return the linear light of a view, (pixels, pixels, 3) with pixels = 256 * oversample."""
    pixels = int(PIXELS * oversample)
    vessel, sight = view.vessel, view.sight
    horizon = horizon_light(sight)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    shape = vessel.build()
    rng = generator(vessel.seed, vessel.name, view.number, "scene")
    swell = (sight["swell_height"], sight["swell_length"], np.radians(sight["swell_direction"]))
    bands = make_bands(rng, sight["wind"], np.radians(sight["wind_direction"]), swell)
    lens = frame(view, shape, pixels, above=bands_height(bands))
    bearing = np.arctan2(lens.axes[2, 1], lens.axes[2, 0]) + np.radians(sight["sun_azimuth"])
    sky = sky_group(sight, bearing)
    air = Air(horizon, float(bearing), sight["visibility"])
    _light(sight, sky, bearing)
    lines = shape.lines
    heave, pitch, roll = ride(bands, lines.length, lines.beam)
    hull = _object("vessel", shape.mesh, shape, air, lines.length)
    trim = shape.trim * np.clip(sight["speed"] / 9, 0, 1)
    # A planing hull rises out of the water on the after third of its bottom.
    lift = lines.length * (0.002 + 0.2 * np.sin(np.radians(trim))) * (shape.trim > 1)
    hull.location = (0, 0, heave + lift)
    hull.rotation_euler = np.radians([roll + shape.heel, -(pitch + trim), 0])
    waterline = lines.waterline()
    planing = vessel.label == "motorboat" and sight["speed"] > 5
    rough = float(np.clip(4 * bands_height(bands) / max(lines.middle, 0.5) * 0.4, 0, 1))

    def around(x: np.ndarray, y: np.ndarray):
        return disturb(x, y, waterline, sight["speed"], planing=planing, rough=rough)

    water = make_water(lens, bands, around, sight["wind"], 4 * bands_height(bands) + 0.3)
    _sea(water, make_water_surface(sight, air, lines.length))
    drops, sizes = spray(rng, waterline, sight["speed"], planing=planing, rough=rough)
    if len(drops):
        _spray(np.add(drops, (0, 0, heave)), sizes, make_spray_surface(air))
    beyond = Mesh()
    add_land(beyond, rng, sight, lens)
    add_other(beyond, rng, sight, lens)
    if beyond.faces:
        _object("beyond", beyond, Shape(beyond, lines), air, sight["land_distance"] / 12)
    _camera(lens)
    return _run(samples, pixels, int(rng.integers(2**31 - 1)))


def bands_height(bands) -> float:
    """Return the standard deviation of the sea's height, metres."""
    return float(np.sqrt(sum(band.fields[..., 0].var() for band in bands)))


def frame(view: View, shape: Shape, pixels: int, above: float) -> Lens:
    """Return the camera of a view: as long a lens as the vessel needs to fill its part."""
    sight, lines = view.sight, shape.lines
    height = max(sight["height"], 3.5 * above + 0.8)
    target = shape.height * (0.36 if view.vessel.label in BIG else 0.42)
    common = {
        "bearing": sight["azimuth"],
        "distance": sight["distance"],
        "height": height,
        "target": target,
        "roll": sight["roll"],
        "pixels": pixels,
    }
    lens = aim(field=0.5, offset=(0.0, 0.0), **common)
    half = lines.beam / 2
    corners = np.array(
        [
            (x, y, z)
            for x in (-lines.length / 2, lines.length / 2)
            for y in (-half, half)
            for z in (0.0, lines.bow)
        ]
        + [(0.0, 0.0, shape.height)]
    )
    local = (corners - lens.position) @ lens.axes.T
    spots = local[:, :2] / np.maximum(local[:, 2:], 0.3 * sight["distance"])
    extent = max(np.ptp(spots[:, 0]), np.ptp(spots[:, 1]))
    field = 2 * np.arctan(extent / sight["fill"] / 2)
    return aim(
        field=float(np.clip(field, 0.012, 1.25)),
        offset=(sight["offset_x"], sight["offset_y"]),
        **common,
    )


def _object(name: str, mesh: Mesh, shape: Shape, air: Air, scale: float) -> bpy.types.Object:
    data = bpy.data.meshes.new(name)
    data.from_pydata(mesh.vertices().tolist(), [], [face for face, _, _ in mesh.faces])
    used = sorted({material for _, material, _ in mesh.faces})
    number = {material: k for k, material in enumerate(used)}
    for material in used:
        if material == "land":
            surface = make_surface("land", "forest", "454b30", {}, air, scale)
        elif material == "screen":
            surface = _screen(air)
        else:
            kind, colour = (PAINTS | shape.paints)[material]
            surface = make_surface(material, kind, colour, shape.marks, air, scale)
        data.materials.append(surface)
    data.polygons.foreach_set("material_index", [number[m] for _, m, _ in mesh.faces])
    data.polygons.foreach_set("use_smooth", [s for _, _, s in mesh.faces])
    data.update()
    result = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(result)
    return result


def _screen(air: Air) -> bpy.types.Material:
    """Return a windscreen: dark glass that lets some light through."""
    material = make_surface("screen", "glass", "10161a", {}, air, 10)
    w = Wiring(material.node_tree)
    out = next(n for n in material.node_tree.nodes if n.type == "OUTPUT_MATERIAL")
    clear = w.node("ShaderNodeBsdfTransparent", {0: (0.75, 0.8, 0.82, 1)}).outputs[0]
    mixed = w.node(
        "ShaderNodeMixShader", {0: 0.55, 1: out.inputs[0].links[0].from_socket, 2: clear}
    )
    material.node_tree.links.new(mixed.outputs[0], out.inputs[0])
    return material


def _flat(points: np.ndarray, quads: np.ndarray, name: str) -> bpy.types.Mesh:
    """Return a mesh of quads without going through Python lists."""
    data = bpy.data.meshes.new(name)
    data.vertices.add(len(points))
    data.vertices.foreach_set("co", points.astype(np.float32).ravel())
    data.loops.add(quads.size)
    data.loops.foreach_set("vertex_index", quads.astype(np.int32).ravel())
    data.polygons.add(len(quads))
    data.polygons.foreach_set(
        "loop_start", np.arange(0, quads.size, quads.shape[1], dtype=np.int32)
    )
    data.update(calc_edges=True)
    return data


def _sea(water: Water, surface: bpy.types.Material) -> None:
    rows, columns = water.foam.shape
    corner = np.arange(rows * columns).reshape(rows, columns)
    quads = np.stack(
        [corner[:-1, :-1], corner[1:, :-1], corner[1:, 1:], corner[:-1, 1:]], -1
    ).reshape(-1, 4)
    data = _flat(water.points.reshape(-1, 3), quads, "sea")
    data.polygons.foreach_set("use_smooth", np.ones(len(quads), bool))
    for name, values in (("foam", water.foam), ("rough", water.rough), ("milky", water.milky)):
        data.attributes.new(name, "FLOAT", "POINT").data.foreach_set(
            "value", values.astype(np.float32).ravel()
        )
    layer = data.attributes.new("wave_normal", "FLOAT_VECTOR", "POINT")
    layer.data.foreach_set("vector", water.normals.astype(np.float32).ravel())
    data.materials.append(surface)
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("sea", data))


def _spray(points: np.ndarray, sizes: np.ndarray, surface: bpy.types.Material) -> None:
    corners = np.array([(1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)]) * 0.6
    vertices = (points[:, None] + sizes[:, None, None] * corners).reshape(-1, 3)
    sides = np.array([(0, 1, 2), (0, 3, 1), (0, 2, 3), (1, 3, 2)])
    faces = (np.arange(len(points))[:, None, None] * 4 + sides).reshape(-1, 3)
    data = _flat(vertices, faces, "spray")
    data.materials.append(surface)
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("spray", data))


def _light(sight: dict, sky: bpy.types.NodeTree, bearing: float) -> None:
    scene = bpy.context.scene
    world = bpy.data.worlds.new("world")
    scene.world = world
    world.use_nodes = True
    w = Wiring(world.node_tree)
    heaven = w.node("ShaderNodeGroup", node_tree=sky)
    w.put(heaven.inputs[0], w.node("ShaderNodeTexCoord").outputs["Generated"])
    w.put(heaven.inputs[1], 1.0)
    background = world.node_tree.nodes["Background"]
    w.put(background.inputs[0], heaven.outputs[0])
    background.inputs[1].default_value = DIM
    world.cycles.sampling_method = "MANUAL"
    world.cycles.sample_map_resolution = 256
    _, sun = light_levels(sight["sun_elevation"], sight["dust"])
    strength = sun * sight["sunlight"] / np.sin(np.radians(sight["sun_elevation"])) * np.pi * DIM
    if strength.max() < 1e-3:
        return
    lamp = bpy.data.lights.new("sun", "SUN")
    lamp.energy = float(strength.max())
    lamp.color = (strength / strength.max()).tolist()
    lamp.angle = np.radians(0.6 + 6 * (1 - sight["sunlight"]))
    sun_object = bpy.data.objects.new("sun", lamp)
    # A sun lamp shines along its -z.
    sun_object.rotation_euler = (0, np.pi / 2 - np.radians(sight["sun_elevation"]), bearing)
    scene.collection.objects.link(sun_object)


def _camera(lens: Lens) -> None:
    data = bpy.data.cameras.new("camera")
    data.sensor_fit = "HORIZONTAL"
    data.angle = lens.field
    data.clip_start, data.clip_end = 0.1, 200_000
    camera = bpy.data.objects.new("camera", data)
    matrix = np.eye(4)
    matrix[:3, 0], matrix[:3, 1], matrix[:3, 2] = lens.axes[0], lens.axes[1], -lens.axes[2]
    matrix[:3, 3] = lens.position
    camera.matrix_world = matrix.T.tolist()
    bpy.context.scene.collection.objects.link(camera)
    bpy.context.scene.camera = camera


def _run(samples: int, pixels: int, seed: int) -> np.ndarray:
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.samples, cycles.seed = samples, seed
    cycles.use_adaptive_sampling = False
    cycles.use_denoising = True
    cycles.denoiser = "OPENIMAGEDENOISE"
    cycles.denoising_input_passes = "RGB_ALBEDO_NORMAL"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 3, 1, 2
    cycles.transparent_max_bounces = 4
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect, cycles.sample_clamp_direct = 4.0, 30.0
    cycles.filter_width = 1.2
    cycles.use_light_tree = False
    scene.render.threads_mode, scene.render.threads = "FIXED", 1
    scene.render.resolution_x = scene.render.resolution_y = pixels
    return render_light(pixels, pixels)
