"""The images with the strongest activations of each feature map, updated incrementally."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from glassnet.engine.attribution.chunks import in_chunks
from glassnet.engine.attribution.view import SignalView
from glassnet.engine.data.load import Inputs

#: The image index of an empty entry.
NO_IMAGE = -1


class TopActivations:
    """The images with the strongest activations of each map, with one maximum per image.

    While a network trains, entries become stale: an image that is evaluated again loses its old entry and is
    ranked anew, and others may move up. For that, more entries are kept than are displayed.

    `values` (maps, kept), strongest first; `images` (maps, kept) int64, NO_IMAGE for empty entries;
    `positions` (maps, kept) int64, the place within the map; `steps` (maps, kept) int64, when the entry
    was made.
    """

    def __init__(self, maps: int, kept: int, device: str = "cpu", dtype: torch.dtype = torch.float32) -> None:
        self.values = torch.full((maps, kept), -torch.inf, device=device, dtype=dtype)
        self.images = torch.full((maps, kept), NO_IMAGE, dtype=torch.int64, device=device)
        self.positions = torch.zeros(maps, kept, dtype=torch.int64, device=device)
        self.steps = torch.zeros(maps, kept, dtype=torch.int64, device=device)

    @torch.no_grad()
    def offer(self, activations: Tensor, first: int, step: int) -> None:
        """Rank the maps (images, maps, …) of the images from index `first` on, computed at this step."""
        count, maps = activations.shape[:2]
        strongest, places = activations.detach().reshape(count, maps, -1).max(dim=2)
        old = (self.images >= first) & (self.images < first + count)
        images = torch.arange(first, first + count, device=self.images.device).expand(maps, count)
        values = torch.cat([self.values.masked_fill(old, -torch.inf), strongest.t()], dim=1)
        # Stable, so that of equal values the earlier image stays first.
        order = values.sort(dim=1, descending=True, stable=True).indices[:, : self.values.shape[1]]
        self.images = torch.cat([self.images.masked_fill(old, NO_IMAGE), images], dim=1).gather(1, order)
        self.positions = torch.cat([self.positions, places.t()], dim=1).gather(1, order)
        steps = torch.full((maps, count), step, device=self.steps.device)
        self.steps = torch.cat([self.steps, steps], dim=1).gather(1, order)
        self.values = values.gather(1, order)

    def correct(self, maps: Tensor, values: Tensor, positions: Tensor, step: int) -> None:
        """Replace the first entries of these maps (maps,) by values computed at this step: (maps, entries).

        The entries are sorted again, as some may be weaker now.
        """
        count = values.shape[1]
        self.values[maps, :count], self.positions[maps, :count] = values, positions
        self.steps[maps, :count] = step
        order = self.values[maps].sort(dim=1, descending=True, stable=True).indices
        for kept in (self.values, self.images, self.positions, self.steps):
            kept[maps] = kept[maps].gather(1, order)


class Scan:
    """A cyclic scan of a set of images in chunks, which updates the top activations."""

    def __init__(
        self, view: SignalView, node: str, inputs: Inputs, board: TopActivations, *, at_once: int = 1
    ) -> None:
        self.board = board
        self._view, self._node, self._inputs = view, node, inputs
        self._at_once = max(1, min(at_once, len(inputs)))
        self._next = 0
        #: The number of images scanned so far, at most the whole set.
        self.seen = 0

    @torch.no_grad()
    def scan_next(self, step: int) -> int:
        """Evaluate the next images of the set; returns their number."""
        part = self._inputs[self._next : self._next + self._at_once]
        self.board.offer(self._view(part, self._node), self._next, step)
        self.seen = max(self.seen, self._next + len(part))
        self._next = (self._next + len(part)) % len(self._inputs)
        return len(part)

    def scan_all(self, step: int) -> Iterator[float]:
        """Evaluate every image once, in chunks that fit in memory; yields the share done."""

        def piece(start: int, stop: int) -> None:
            with torch.no_grad():
                self.board.offer(self._view(self._inputs[start:stop], self._node), start, step)

        for _, stop, _ in in_chunks(len(self._inputs), self._view.numbers(self._node), piece):
            self.seen = stop
            yield stop / len(self._inputs)
