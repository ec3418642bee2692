"""Weights that leave a run and come to one: the dialogs for export and for a start from a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import torch
from playwright.sync_api import Page, expect
from safetensors.torch import save_file
from torch import Tensor

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.network.planner import plan
from glassnet.engine.network.state_dict import wanted_tensors
from tests.browser.steps import open_paused

RESNET = {
    "title": "A small ResNet",
    "data": {"kind": "digits"},
    "network": [{"kind": "resnet", "name": "net", "depth": 18, "width": 0.05}],
    "training": {"batch_size": 64, "epochs": 2},
}


def torchvision_state() -> dict[str, Tensor]:
    """Random weights of the network under torchvision's names."""
    experiment = Experiment.parse(RESNET)
    wanted = wanted_tensors(plan(experiment), experiment)
    generator = torch.Generator().manual_seed(0)
    return {
        one.names[-1]: torch.rand(one.shape, generator=generator) + 0.5
        for one in wanted.values()
        if one.dtype.is_floating_point
    }


def chosen(page: Page, name: str) -> None:
    page.get_by_role("button", name="Share, save and export").click()
    page.get_by_role("button", name=name).click()


def test_a_state_dict_is_refused_by_its_key_and_started_from_once_it_fits(page: Page, tmp_path: Path) -> None:
    open_paused(page, RESNET)
    state = torchvision_state()
    wrong = {**state, "fc.weight": torch.ones(3, 3)}
    save_file(wrong, tmp_path / "wrong.safetensors")
    save_file(state, tmp_path / "right.safetensors")
    chosen(page, "Start from weights")
    dialog = page.get_by_role("dialog", name="Start from weights")
    dialog.get_by_label("A file of weights").set_input_files(tmp_path / "wrong.safetensors")
    expect(dialog.get_by_text("'fc.weight': 3×3; expected")).to_be_visible()
    start = dialog.get_by_role("button", name="Start from these weights")
    expect(start).to_be_disabled()
    dialog.get_by_label("A file of weights").set_input_files(tmp_path / "right.safetensors")
    expect(start).to_be_enabled()
    dialog.get_by_text("Taken, and its name there").click()
    expect(dialog.get_by_text("net.conv1.weight ← conv1.weight")).to_be_visible()
    start.click()
    expect(dialog).to_have_count(0)
    page.wait_for_function("() => window.location.pathname.startsWith('/runs/')")
    chosen(page, "Export a script")
    export = page.get_by_role("dialog", name="Export")
    with page.expect_download() as waited:
        export.get_by_role("button", name="Download: ONNX").click()
    path = tmp_path / waited.value.suggested_filename
    waited.value.save_as(path)
    assert path.name == "a_small_resnet.onnx"
    session = onnxruntime.InferenceSession(path)
    (found,) = session.run(None, {"input": np.zeros((3, 1, 8, 8), np.float32)})
    assert found.shape == (3, 10)
    with page.expect_download() as waited:
        export.get_by_role("button", name="Download: safetensors").click()
    assert waited.value.suggested_filename == "a_small_resnet.safetensors"
