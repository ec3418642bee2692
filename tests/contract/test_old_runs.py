"""Run directories that an older Glassnet has left open, and go on as they would have there.

The fixture was made by the engine as it stood before it was put into rooms (commit cd0ecf0): nine steps, a
checkpoint, six more steps, an edit of the learning rate, three more steps.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.session import Session
from glassnet.engine.training.trainer import Trainer

OLD = Path(__file__).parent / "fixtures" / "run-of-november"


class Silent:
    def text(self, message: dict[str, Any]) -> None:
        assert message["type"] != "error", message

    def frame(self, key: str, data: bytes, scalar: bool) -> None:
        pass


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OLD, tmp_path / "old-run"))


def test_an_old_run_opens_with_its_edits_rows_and_checkpoints(old: Path) -> None:
    run = RunDirectory.open(old)
    assert (run.revision, run.life, run.experiment().title) == (1, 0, "Made by an older Glassnet")
    rates = [run.experiment_at(revision).training.updates[0].optimizer.learning_rate for revision in (0, 1)]
    assert rates == [0.01, 0.02]
    assert {info.name for info in run.checkpoints()} == {"nine", "best", "latest"}
    assert run.load_checkpoint("nine")[0].step == 9
    assert run.rows("evaluation").columns["step"].tolist()[0] == 0
    assert run.problems() == []
    run.close()


def test_an_old_checkpoint_goes_on_to_the_state_that_came_of_it(old: Path) -> None:
    run = RunDirectory.open(old)
    trainer = Trainer(run.original())
    trainer.load(run.load_checkpoint("nine")[1])
    for _ in range(6):
        trainer.step()
    assert trainer.apply_live_edit(run.experiment())
    for _ in range(3):
        trainer.step()
    expected, found = run.load_checkpoint("latest")[1], trainer.state()
    assert expected.keys() == found.keys()
    for name, tensor in expected.items():
        if name.startswith("loss/"):  # which a session takes whenever it writes a row
            continue
        # To the last bit on the machine that made it; kernels of another may add up in another order.
        torch.testing.assert_close(found[name], tensor, rtol=1e-4, atol=1e-6, msg=name)
    run.close()


def test_an_old_run_is_resumed_and_written_on(old: Path) -> None:
    session = Session(RunDirectory.open(old), Silent(), go_on=True)
    assert (session.trainer.steps_taken, session.revision) == (18, 1)
    more = {"op": "replace", "path": "/training/epochs", "value": 9}
    session.handle({"type": "edit", "id": 1, "revision": 1, "patch": [more]})
    session.handle({"type": "step", "id": 2, "steps": 2})
    while session.state == "training":
        session.advance()
    session.close()
    run = RunDirectory.open(old)
    assert run.last_row("progress").columns["step"][-1] == 20
    run.close()
