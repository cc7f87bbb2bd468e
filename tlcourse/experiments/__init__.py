"""What the chapters measure and draw that is no tool of its own."""

from tlcourse.experiments.activations import ActivationComparison, compare_activations
from tlcourse.experiments.annotators import pretend_to_annotate
from tlcourse.experiments.at_work import AtWork, WorkComparison, compare_at_work
from tlcourse.experiments.augmenting import (
    AugmentationTrial,
    small_colour_network,
    try_augmentations,
)
from tlcourse.experiments.backgrounds import add_background, blacken_edges
from tlcourse.experiments.blocks import BlockComparison, BlockCost, compare_blocks
from tlcourse.experiments.brain_scans import ScanClassifier, open_scan_classifier
from tlcourse.experiments.broken_tunings import (
    BrokenTuning,
    first_broken_tuning,
    plain_model,
    second_broken_tuning,
    thaw,
    train_plain,
)
from tlcourse.experiments.changed_sets import leak_into_training, make_near_copies, write_changed
from tlcourse.experiments.convolutions import (
    MeasuredSize,
    SizeComparison,
    compare_sizes,
    show_maps,
)
from tlcourse.experiments.costs import LayerCost, LayerCosts, layer_costs
from tlcourse.experiments.counting import (
    Count,
    KnownNetwork,
    build_network,
    count,
    find_network,
    frontier,
    known_networks,
    recount,
)
from tlcourse.experiments.depth import DepthComparison, DepthRun, compare_depths, deep_network
from tlcourse.experiments.detection import Detections, detect
from tlcourse.experiments.effective_fields import EffectiveFields, measure_fields
from tlcourse.experiments.excitement import show_excitement
from tlcourse.experiments.failed_training import FailedTraining, failed_training
from tlcourse.experiments.foggy_day import FoggyClass, FogTrial, fog, foggy_class, try_in_fog
from tlcourse.experiments.generation import Generated, generate_digits
from tlcourse.experiments.genuine import PublishedComparison, compare_with_published
from tlcourse.experiments.gradient_sizes import GradientSizes, gradient_sizes
from tlcourse.experiments.gradients import GradientCheck, Steps, check_gradients, step_at_rates
from tlcourse.experiments.influence import measure_influence
from tlcourse.experiments.label_order import judge_by_names
from tlcourse.experiments.landmarks import alexnet, vision_transformer
from tlcourse.experiments.large_sets import drawn_cells, windows_of_photographs
from tlcourse.experiments.lenet import (
    LeNetCount,
    LeNetLayer,
    count_lenet,
    drawings,
    lenet_5,
    lenet_today,
)
from tlcourse.experiments.lenet_reading import ReadDigits, read_digits
from tlcourse.experiments.marking import Marks, mark_diagnosis
from tlcourse.experiments.network_years import show_years
from tlcourse.experiments.noisy_labels import NoiseCost, measure_noise, put_in_wrong_labels
from tlcourse.experiments.other_light import LightTrial, as_it_is, blue_light, try_other_light
from tlcourse.experiments.overlays import show_attributions
from tlcourse.experiments.patches import PatchComparison, compare_patches, shuffle_patches
from tlcourse.experiments.pillars import PillarComparison, compare_pillars
from tlcourse.experiments.pipelines import (
    PipelineTimes,
    enlarge,
    show_pipelines,
    time_passes,
    time_pipeline,
)
from tlcourse.experiments.pointing import PointingGame, pointing_game
from tlcourse.experiments.quadrants import Trial, few_of_each, show_quadrants, try_strategies
from tlcourse.experiments.segmentation import Segmentation, segment
from tlcourse.experiments.shifts import ShiftComparison, compare_shifts, on_paper
from tlcourse.experiments.silence import show_silence
from tlcourse.experiments.small_networks import (
    judge_network,
    pixels_and_labels,
    show_training,
    small_network,
)
from tlcourse.experiments.sound import make_sound, sound_kinds, spectrogram, write_spectrograms
from tlcourse.experiments.transfer_gain import TransferGain, measure_transfer_gain
from tlcourse.experiments.wrong_pixels import (
    PreparedColours,
    Served,
    prepare_as_the_app,
    prepare_colours,
    retrain_and_serve,
    serve,
)

__all__ = [
    "ScanClassifier",
    "open_scan_classifier",
    "Detections",
    "add_background",
    "blacken_edges",
    "detect",
    "Generated",
    "generate_digits",
    "Segmentation",
    "segment",
    "make_sound",
    "sound_kinds",
    "spectrogram",
    "write_spectrograms",
    "TransferGain",
    "measure_transfer_gain",
    "ActivationComparison",
    "compare_activations",
    "AtWork",
    "WorkComparison",
    "compare_at_work",
    "BlockComparison",
    "BlockCost",
    "compare_blocks",
    "Count",
    "KnownNetwork",
    "build_network",
    "count",
    "find_network",
    "frontier",
    "known_networks",
    "recount",
    "show_years",
    "DepthComparison",
    "DepthRun",
    "compare_depths",
    "deep_network",
    "GradientSizes",
    "gradient_sizes",
    "alexnet",
    "vision_transformer",
    "LeNetCount",
    "LeNetLayer",
    "ReadDigits",
    "count_lenet",
    "drawings",
    "lenet_5",
    "lenet_today",
    "read_digits",
    "PatchComparison",
    "compare_patches",
    "shuffle_patches",
    "PillarComparison",
    "compare_pillars",
    "AugmentationTrial",
    "BrokenTuning",
    "EffectiveFields",
    "FailedTraining",
    "FogTrial",
    "FoggyClass",
    "GradientCheck",
    "LayerCost",
    "LayerCosts",
    "LightTrial",
    "Marks",
    "MeasuredSize",
    "NoiseCost",
    "PipelineTimes",
    "PointingGame",
    "PreparedColours",
    "PublishedComparison",
    "Served",
    "ShiftComparison",
    "SizeComparison",
    "Steps",
    "Trial",
    "as_it_is",
    "blue_light",
    "check_gradients",
    "compare_shifts",
    "compare_sizes",
    "compare_with_published",
    "drawn_cells",
    "enlarge",
    "failed_training",
    "few_of_each",
    "first_broken_tuning",
    "fog",
    "foggy_class",
    "judge_by_names",
    "judge_network",
    "layer_costs",
    "leak_into_training",
    "make_near_copies",
    "mark_diagnosis",
    "measure_fields",
    "measure_influence",
    "measure_noise",
    "on_paper",
    "pixels_and_labels",
    "plain_model",
    "pointing_game",
    "prepare_as_the_app",
    "prepare_colours",
    "pretend_to_annotate",
    "put_in_wrong_labels",
    "retrain_and_serve",
    "second_broken_tuning",
    "serve",
    "show_attributions",
    "show_excitement",
    "show_maps",
    "show_pipelines",
    "show_quadrants",
    "show_silence",
    "show_training",
    "small_colour_network",
    "small_network",
    "step_at_rates",
    "thaw",
    "time_passes",
    "time_pipeline",
    "train_plain",
    "try_augmentations",
    "try_in_fog",
    "try_other_light",
    "try_strategies",
    "windows_of_photographs",
    "write_changed",
]
