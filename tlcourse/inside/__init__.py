"""Looking into a network: pure functions that never change it."""

from tlcourse.inside.activations import Activations, Channel, forecast_bytes, record_activations
from tlcourse.inside.arithmetic import PixelArithmetic, explain_pixel
from tlcourse.inside.attribution import Attribution
from tlcourse.inside.cam import grad_cam, grad_cam_plus_plus
from tlcourse.inside.convolution import convolve, pool
from tlcourse.inside.deletion import PixelCurve, deletion_curve, insertion_curve
from tlcourse.inside.explain import METHODS, explain
from tlcourse.inside.explanations import show_convolution, show_receptive_field
from tlcourse.inside.figures import show_activations, show_kernels
from tlcourse.inside.gradients import integrated_gradients, saliency, smooth_grad
from tlcourse.inside.graph import Layer
from tlcourse.inside.kernels import Kernels, kernels
from tlcourse.inside.likeness import PictureSimilarity, compare_pictures
from tlcourse.inside.maps import Scale, encode_map, encode_picture, overlay, scale_of
from tlcourse.inside.maximisation import MaximisedActivation, maximise_activation
from tlcourse.inside.network import Network, open_network
from tlcourse.inside.occlusion import occlusion
from tlcourse.inside.patches import ExcitingPatches, Patch, exciting_patches
from tlcourse.inside.presets import KERNELS, Preset
from tlcourse.inside.probes import LayerProbes, probe_layers
from tlcourse.inside.receptive import (
    ReceptiveField,
    ReceptiveFields,
    Rectangle,
    receptive_field,
    receptive_fields,
)
from tlcourse.inside.sanity import SanityCheck, sanity_check
from tlcourse.inside.similarity import LayerSimilarity, compare_layers, linear_cka
from tlcourse.inside.statistics import ChannelStatistics, LayerStatistics, channel_statistics
from tlcourse.inside.windows import output_size

__all__ = [
    "Activations",
    "Attribution",
    "Channel",
    "ChannelStatistics",
    "ExcitingPatches",
    "KERNELS",
    "Kernels",
    "Layer",
    "LayerProbes",
    "LayerSimilarity",
    "LayerStatistics",
    "METHODS",
    "MaximisedActivation",
    "Network",
    "Patch",
    "PictureSimilarity",
    "PixelArithmetic",
    "PixelCurve",
    "Preset",
    "ReceptiveField",
    "ReceptiveFields",
    "Rectangle",
    "SanityCheck",
    "Scale",
    "channel_statistics",
    "compare_layers",
    "compare_pictures",
    "convolve",
    "deletion_curve",
    "encode_map",
    "encode_picture",
    "exciting_patches",
    "explain",
    "explain_pixel",
    "forecast_bytes",
    "grad_cam",
    "grad_cam_plus_plus",
    "insertion_curve",
    "integrated_gradients",
    "kernels",
    "linear_cka",
    "maximise_activation",
    "occlusion",
    "open_network",
    "output_size",
    "overlay",
    "pool",
    "probe_layers",
    "receptive_field",
    "receptive_fields",
    "record_activations",
    "saliency",
    "sanity_check",
    "scale_of",
    "show_activations",
    "show_convolution",
    "show_kernels",
    "show_receptive_field",
    "smooth_grad",
]
