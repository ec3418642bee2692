"""History: rows of numbers over the steps of a training, thinned evenly as it grows."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from glassnet.engine.training.thinning import Thinning

#: The most rows that are kept where nothing else is said.
MOST_ROWS = 200


class History:
    """An even selection of at most `most` rows of named tensors with their steps, and the newest row."""

    def __init__(self, most: int = MOST_ROWS) -> None:
        self._most = most
        self.clear()

    def clear(self) -> None:
        """Remove all rows."""
        self.steps: list[int] = []
        self._rows: list[dict[str, Tensor]] = []
        self._thinning = Thinning()
        #: Whether the last row is there as the newest alone, and gives way to the next.
        self._passing = False

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def stride(self) -> int:
        """Of the rows added, every stride-th is kept."""
        return self._thinning.stride

    def wants(self, step: int) -> bool:
        """Whether there is no row of this step. A step back begins a new history."""
        if self.steps and step < self.steps[-1]:
            self.clear()
        return not self.steps or step > self.steps[-1]

    def add(self, step: int, row: Mapping[str, Tensor]) -> None:
        """Add the row of a step, in place of one of the same step. A step back begins a new history."""
        if not self.wants(step):
            self._rows[-1] = dict(row)
            return
        if self._passing:
            self.steps.pop()
            self._rows.pop()
        self._passing = not self._thinning.keeps_next()
        if not self._passing and len(self) == self._most:
            self.steps, self._rows = self.steps[::2], self._rows[::2]
            self._passing = not self._thinning.halve()
        self.steps.append(step)
        self._rows.append(dict(row))

    def arrays(self) -> dict[str, Tensor]:
        """`steps` int32 (T,), and each tensor of the rows stacked: (T, …). Empty without rows."""
        if not self._rows:
            return {}
        stacked = {name: torch.stack([row[name] for row in self._rows]) for name in self._rows[0]}
        return {"steps": torch.tensor(self.steps, dtype=torch.int32), **stacked}

    def state(self) -> dict[str, Tensor]:
        """The state to save: `arrays`, and the `stride` (1,). Empty without rows."""
        return {**self.arrays(), "stride": torch.tensor([self.stride])} if self._rows else {}

    def load(self, state: Mapping[str, Tensor], like: Mapping[str, Tensor]) -> None:
        """Restore a state of rows as `like`. Raises ValueError where they are others, or damaged."""
        expected = {"steps", "stride", *like}
        if state.keys() != expected:
            raise ValueError(f"a history of {sorted(state)}; expected {sorted(expected)}")
        count = len(state["steps"])
        for name, tensor in like.items():
            if state[name].shape != (count, *tensor.shape) or state[name].dtype != tensor.dtype:
                raise ValueError(
                    f"'{name}' of shape {tuple(state[name].shape)}; expected {(count, *tensor.shape)}"
                )
        steps = state["steps"].tolist()
        if state["stride"].numel() != 1 or int(state["stride"]) < 1 or steps != sorted(set(steps)):
            raise ValueError("a history whose steps do not rise; expected each later than the one before")
        self.clear()
        for index, step in enumerate(steps):
            self.add(int(step), {name: state[name][index].clone() for name in like})
        self._thinning.resume(len(self), int(state["stride"]))
