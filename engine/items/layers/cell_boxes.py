"""Boxes of a grid of cells, as YOLO answers with them."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.boxes.candidates import candidate_rows
from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.layers import Layer, shape_text
from glassnet.engine.items.node import Context, Window


class CellBoxes(Layer):
    """Cell boxes: what a map says about its cells, read as boxes with scores.

    Inputs: the map, and the picture, whose size the boxes are in. At each cell the map has for each of B
    boxes x and y, from 0 to 1 across the cell; √w and √h, as shares of the picture; and a confidence; then,
    once a cell, a number for each class. The score of a class is confidence × class.

    Shapes: (5 B + classes, h, w) and (channels, H, W) → candidates (h · w · B, 9 + 2 · classes). No
    parameters. Redmon et al. 2016, section 2.
    """

    kind: Literal["cell_boxes"] = "cell_boxes"
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    takes: ClassVar[tuple[int, ...] | None] = (2,)
    guide: ClassVar[Guide | None] = Guide(
        pros=("A fixed number of boxes in one pass: where, what and how sure at once.",),
        cons=("One class a cell: of two objects whose middles share a cell one is lost.",),
        use="As the last node of a detector in one stage, read by the loss yolo_v1.",
        example=Example(
            "Follow one cell: its numbers become two boxes.",
        ),
        mistakes=(
            Mistake(
                "The confidence is the probability that an object is there.",
                "It is trained to be that probability times the overlap with it: confidence × IoU.",
            ),
        ),
        tex=(r"\Pr(c) \cdot \Pr(\text{object}) \cdot \mathrm{IoU}",),
    )
    boxes: int = option(2, "B, the boxes of each cell.", ge=1, le=16)

    def channels(self, classes: int) -> int:
        """The channels that its map needs for so many classes."""
        return 5 * self.boxes + classes

    def call(self, context: Context) -> Call:
        grid, picture = context.shapes
        if len(grid) != 3 or len(picture) != 3 or grid[0] <= 5 * self.boxes:
            raise ValueError(
                f"{shape_text(grid)} and {shape_text(picture)} arrive; expected a map with 5 × {self.boxes} "
                "channels and one for each class, and the picture"
            )
        return Call(CellDecoder, self.boxes, grid[1], grid[2], picture[1], picture[2])

    def windows(self, context: Context) -> tuple[Window, ...] | None:
        return None


class CellDecoder(torch.nn.Module):
    """Candidates of the cells of a map."""

    cells: torch.Tensor
    side: torch.Tensor
    whole: torch.Tensor

    def __init__(self, boxes: int, rows: int, columns: int, height: int, width: int) -> None:
        super().__init__()
        self.boxes = boxes
        down, across = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
        side = torch.tensor([width / columns, height / rows])
        corner = torch.stack([across, down], dim=-1).reshape(-1, 1, 2) * side
        cells = torch.cat([corner, corner + side], dim=-1).expand(-1, boxes, -1)
        self.register_buffer("cells", cells.reshape(-1, 4), persistent=False)
        self.register_buffer("side", side, persistent=False)
        self.register_buffer("whole", torch.tensor([float(width), float(height)]), persistent=False)

    def forward(self, x: torch.Tensor, picture: torch.Tensor) -> torch.Tensor:
        flat = x.flatten(2).transpose(1, 2)  # (n, cells, 5 · boxes + classes)
        own = flat[..., : 5 * self.boxes].reshape(len(x), -1, 5)
        classes = flat[..., 5 * self.boxes :].repeat_interleave(self.boxes, dim=1)
        middle = self.cells[:, :2] + own[..., :2] * self.side
        half = own[..., 2:4].square() * self.whole / 2
        boxes = torch.cat([middle - half, middle + half], dim=-1)
        confidence = own[..., 4:]
        scores = confidence.clamp(0, 1) * classes.clamp(0, 1)
        return candidate_rows(boxes, self.cells, confidence, classes, scores)
