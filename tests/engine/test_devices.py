"""No line of the engine takes it that tensors are on the CPU, but for those that are listed here, with why.

A tensor that is made without a device is on the CPU; reading one on the host waits for the device. Both are
right in some places, which are listed by function: a new one must say why it may.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

ENGINE = Path(__file__).parents[2] / "engine"

#: Functions of torch that make a tensor, or a generator, on the CPU where they are not told otherwise.
MAKES = {
    *("arange", "as_tensor", "empty", "eye", "frombuffer", "from_numpy", "full", "linspace", "logspace"),
    *("normal", "ones", "rand", "randint", "randn", "randperm", "scalar_tensor", "tensor", "zeros"),
    *("tril_indices", "triu_indices"),
}
#: Methods that bring a tensor's values to the host.
READS = {"cpu", "item", "numpy", "tolist"}
#: Methods that bring values of the host to a tensor's device, which waits for them.
SENDS = {"new_tensor"}

#: Where that may be, and why.
MAY: dict[str, str] = {
    "Data, order and inputs are made on the CPU, the same everywhere, and moved to the device whole.": """
        data/inputs/picture.py as_sample
        data/inputs/pixels.py PixelsInput.raw
        data/inputs/values.py ValuesInput.raw
        data/kernels.py kernel picture photograph_of
        data/load.py split
        data/order.py Order.__init__ Order._draw Order.state
        data/resampling.py bootstrapped
        data/splitting.py stratified interleaved
        items/datasets/labelled.py with_label_noise
        items/datasets/logic_gate.py logic_gate
        items/datasets/points.py uniform gauss spiral regression_gauss
        items/datasets/shape_masks.py masked_shapes
        items/datasets/shapes.py scene shapes unevenness coverage shape_boxes
        items/datasets/stripes.py gratings
        items/datasets/tables.py Table.read
        items/datasets/vision.py Published.read
        items/datasets/clips.py clips
        items/datasets/skeletons.py skeletons
        items/datasets/spectrograms.py spectrograms
        items/datasets/volumes.py volumes solid_points
        items/datasets/waveforms.py waveforms
        items/datasets/shape_scenes.py boxed_shapes
        items/normalizations/standardize.py mean_and_deviation
        training/forks.py _drawn_anew
    """,
    "A network's own tensors are made from its seed on the CPU and moved, or have shapes alone.": """
        boxes/anchors.py anchor_sizes
        items/layers/anchor_boxes.py AnchorDecoder.__init__
        items/layers/batch_norm.py FrozenBatchNorm.__init__
        items/layers/cell_boxes.py CellDecoder.__init__
        items/layers/convolving.py ConvolutionModule.__init__
        items/layers/l2_norm.py ChannelLength.__init__
        items/layers/local_contrast_norm.py ContrastNormalization.__init__
        items/layers/unshared.py UnsharedConvolution.__init__ TiledConvolution.__init__
        network/operation_costs.py _measure
        training/replicas/networks.py Networks.started
    """,
    "There is no device in it: surfaces of two numbers, a convolution of a picture, a script.": """
        descent/descent.py PointOptimizer.__init__ gradients distances surface_arrays
        export/onnx.py onnx_model
        run/exported.py _network
        export/python.py read_tensors
        figures/values.py spaced tensor_of generator floats random_normal
        items/formulas.py Term.__call__ Term.check _worked_out
        studies/convolution.py ConvolutionStudy.input ConvolutionStudy.applied ConvolutionStudy.used
            ConvolutionStudy.sizes ConvolutionStudy.seen ConvolutionStudy.costs ConvolutionStudy.shifted
            ConvolutionStudy.inside
        studies/convolution_timing.py ConvolutionTiming.compute
        studies/descent_kinds.py _line DescentKinds.compute DescentKinds._picture _Walk.epoch _arrays
        studies/optimizer_pad.py OptimizerPad.axes Pad.__init__
        studies/optimizer_race.py Race.__init__ Race.arrays
    """,
    "Drawn on the CPU, the same everywhere; or of the path and the grid, which are the host's.": """
        boxes/anchors.py spread_sizes
        landscape/directions.py random_direction
        landscape/grid.py Grid.points
        landscape/path.py Path.clear Path.state Path.load Path._random _combined
        landscape/plane.py view_between path_view
        landscape/sharpness.py largest_eigenvalue _tridiagonal
        landscape/sketch.py Sketch.__init__ Sketch.__call__ Sketch.spread
        probes/sharpness.py _Watcher.__init__
        probes/trajectory.py _Watcher._seen
        studies/anchor_sizes.py AnchorSizes.compute
        studies/dropout_ensemble.py thinned
        studies/landscape.py Landscape._sharpness
    """,
    "Here tensors leave for the host, or come from it.": """
        files/tensor_file.py pieces mapped
        items/tasks/__init__.py reduced
        items/tasks/segmentation.py overlaps
        training/evaluator.py Evaluator._reduced
        frame.py _array
        notebook/looking.py _views
        notebook/own_tensors.py _targets _inputs _array
        landscape/grid.py Grid.put
        training/safe_copy.py OnDisk.put OnDisk.items _bytes
        training/host.py on_host
        training/host_copy.py _transfer
    """,
    "Counts and generators' states are the host's; what is made for the device is copied there at once.": """
        training/checkpoint.py check_step
        training/graphed_steps.py GraphedSteps._place
        training/metrics.py thinned
        training/parameter_groups.py host_numbers _rows
        training/replay.py _minus_one
        training/soundness.py check_sound
        data/soundness.py _check_boxes
        training/stopping.py Stopping.tensors
        training/training_state.py TrainingState._tensors TrainingState._what_older_ones_lack
    """,
    "R-CNN's walk-through computes on the host, as its proposals and linear machines do.": """
        boxes/proposals.py described neighbours
        boxes/segments.py segments
        studies/rcnn.py Scenes.alone RCNN.compute RCNN._scenes RCNN._rcnn RCNN._fast RCNN._judged machines
            _with_objects _kept _proposed _course _channels_last
        studies/region_networks.py matched_regions _drawn RegionNetwork.learn PictureNetwork.learn ridge
    """,
    "Numbers of a frame, which is made on the host, and what the host decides by.": """
        attribution/frame_images.py signed shown
        attribution/input_regions.py boxes crops
        attribution/methods.py places
        attribution/rules.py _is_zero
        attribution/sliding_occlusion.py SlidingOcclusion.__init__ SlidingOcclusion._forget
            SlidingOcclusion.cover SlidingOcclusion.arrays
        boxes/candidates.py mean_precisions
        diagnosis/reading.py _gradients
        diagnosis/slopes.py _far
        probes/activation_maps.py ActivationMaps.prepare _whole_or_part
        probes/arithmetic.py reading sliding _everywhere _picture _flag
        probes/attribution.py Attribution.prepare Attribution._seen _completeness
        probes/augmentation_strip.py AugmentationStrip.prepare
        probes/backward_arithmetic.py _Group.places _flag
        probes/examples.py Examples.prepare.look _pictures
        probes/features.py FeaturePictures.__init__ FeaturePictures.__call__
            FeaturePictures.renew FeaturePictures._keep FeaturePictures.arrays
        probes/filters.py Filters.prepare.look
        probes/gradient_flow.py _Norms._follow _Norms._norms _Norms.__call__ _Norms.remember
        probes/histograms.py _Histograms.remember spread
        probes/history.py History.arrays History.state History.load
        probes/metrics.py Metrics.prepare _number _of_boxes
        probes/occlusion.py _Sliding.__call__ scattered
        probes/found_boxes.py FoundBoxes.prepare
        probes/pixel_classes.py PixelClasses.prepare
        probes/peaks.py Peaks.prepare.look
        probes/prediction.py Prediction.prepare
        probes/projection.py Projection.prepare.look
        probes/samples.py Samples.prepare
        probes/sharpness.py _Watcher.__call__
        probes/surface.py Surface.prepare grid _answer
        probes/trajectory.py _Watcher.__call__ _Watcher.collect _Watcher.kept
        probes/unit_health.py UnitHealthLook.__init__ UnitHealthLook.__call__ _steepest _Tally.arrays
        probes/weights.py Weights.prepare.look
        studies/accuracy_curve.py AccuracyCurve.arrays
        studies/dropout_ensemble.py _Ensemble.arrays
        studies/cures.py Cures._arrays
        studies/feature_atlas.py FeatureAtlas.compute FeatureAtlas._layer
        studies/feature_counts.py FeatureCounts.compute
        studies/findings.py Findings.series Findings._steps
        studies/first_layer.py FirstLayer.compute
        studies/first_layers.py FirstLayers.compute
        studies/landscape.py Landscape.compute _picture
        studies/lr_range_test.py Curve.arrays _exact
        studies/rate_trials.py Tries.arrays
        studies/occlusion.py Occlusion.compute
        studies/predictions.py Predictions.numbers Predictions.of Predictions.over_the_plane
        studies/resamples.py Resamples.compute _Found.__init__ _Found.put _Found.arrays _Found._decomposed
        studies/sanity_check.py SanityCheck.compute
        studies/shortcut_landscapes.py ShortcutLandscapes._trained _pictures
        studies/variants.py Variants._arrays
        studies/degradation.py Degradation.compute
        studies/transfer.py Transfer.compute of_classes.places _put _gain
        studies/warm_start.py WarmStart.compute _Found.put _Found.arrays
        training/forks.py table
        training/replicas/evaluator.py StackedEvaluator._means_of StackedEvaluator._reduced
        training/trainer.py Trainer.rates Trainer.take_each_loss
    """,
}

#: Where a device is called by its name: what is said to be on the CPU where nobody says otherwise, and what
#: is chosen by the kind of device.
NAMES_A_DEVICE = {
    "attribution/top_activations.py TopActivations.__init__",
    "data/load.py load",
    "experiment/experiment.py Training",
    "experiment/precision.py computing",
    "experiment/precision.py emulated",
    "export/python.py _Printer.network",
    "files/weights_import.py _unpickled",
    "landscape/evaluate.py",
    "landscape/evaluate.py Evaluator._methods",
    "notebook/runs.py Run.trainer",
    "notebook/runs.py _device",
    "random_streams.py stream",
    "run/removed_weights.py RemovedWeights.put",
    "run/exported.py _network",
    "run/session.py Session.__init__",
    "run/study_runner.py StudyRunner.__init__",
    "training/compiler.py why_not_compiled",
    "training/device.py check_device",
    "training/device.py device_for",
    "training/device.py device_use",
    "training/device_memory.py memory_bounded",
    "training/device_memory.py bound_studies",
    "training/forks.py _drawn_anew",
    "training/graphed_steps.py GraphedSteps.__init__",
    "training/capture_policy.py CapturePolicy.choose",
    "network/memory_layout.py memory_format",
    "training/single.py Single.__init__",
    "training/soundness.py generator_state",
    "training/together.py _leaves_room",
    "training/together.py _memory",
    "training/trainer.py Trainer.__init__",
}


def functions(tree: ast.AST, scope: tuple[str, ...] = ()) -> Iterator[tuple[str, ast.AST]]:
    """Every node of a module, with the name of the function or class that it stands in."""
    for node in ast.iter_child_nodes(tree):
        yield ".".join(scope), node
        named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        yield from functions(node, (*scope, node.name) if named else scope)  # type: ignore[attr-defined]


def takes_the_cpu(node: ast.AST) -> bool:
    """Whether it makes a tensor on the CPU, or reads one there."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    of_torch = isinstance(node.func.value, ast.Name) and node.func.value.id == "torch"
    if of_torch and node.func.attr == "Generator":
        return not node.args
    if of_torch:
        return node.func.attr in MAKES and not any(word.arg == "device" for word in node.keywords)
    return node.func.attr in SENDS or (node.func.attr in READS and not node.args)


def names_a_device(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value in ("cpu", "cuda")


def places(source: str, sought: Callable[[ast.AST], bool]) -> set[str]:
    return {scope for scope, node in functions(ast.parse(source)) if sought(node)}


def everywhere(sought: Callable[[ast.AST], bool]) -> set[str]:
    return {
        f"{path.relative_to(ENGINE).as_posix()} {scope}".strip()
        for path in sorted(ENGINE.rglob("*.py"))
        for scope in places(path.read_text(), sought)
    }


def listed() -> set[str]:
    lines = [
        line.split() for text in MAY.values() for line in text.replace("\n            ", " ").splitlines()
    ]
    return {f"{line[0]} {scope}" for line in lines if line for scope in line[1:]}


def test_only_what_is_listed_makes_tensors_on_the_cpu_or_reads_them_there() -> None:
    found = everywhere(takes_the_cpu)
    assert found - listed() == set(), "give it a device, or list it with its reason"
    assert listed() - found == set(), "listed, and not there any more"


def test_only_what_is_listed_calls_a_device_by_its_name() -> None:
    assert everywhere(names_a_device) == NAMES_A_DEVICE


def test_what_takes_the_cpu_is_seen_wherever_it_hides() -> None:
    source = """
class Look:
    def __call__(self):
        def inner():
            return torch.zeros(3)
        return torch.zeros(3, device=self.device), x.to("cuda")
def read(x):
    return [y.item() for y in x]
def drawn(device):
    return torch.Generator(device)
def sent(x):
    return x.new_zeros(2) + x.new_tensor([1, 2])
"""
    assert places(source, takes_the_cpu) == {"Look.__call__.inner", "read", "sent"}
    assert places(source, names_a_device) == {"Look.__call__"}
