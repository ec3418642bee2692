"""A network as an SVG: a card for each node of the experiment, to the right of its inputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

from glassnet.engine.items.node import INPUT, Shape
from glassnet.engine.network.plan import Plan, PlannedNode
from glassnet.engine.notebook.html import BLUE, ORANGE, tag, times

#: A card and the room around it, in pixels.
WIDTH, HEIGHT, GAP, ROW, MARGIN = 104, 96, 34, 24, 8

#: Units that are drawn of a vector, sheets of an image.
MOST_UNITS, MOST_SHEETS = 8, 4

#: Letters that fit on a card.
LETTERS = 15

#: Cards up to which blocks are drawn as what they unfold into, and levels that are unfolded.
MOST_UNFOLDED, LEVELS = 14, 3


@dataclass
class Card:
    """A node of the experiment, with the nodes folded into it and those that it expands into."""

    name: str
    words: list[str]
    shape: Shape
    parameters: int = 0
    reads: list[str] = field(default_factory=list)
    column: int = 0
    row: int = 0

    @property
    def x(self) -> int:
        return MARGIN + self.column * (WIDTH + GAP)

    @property
    def y(self) -> int:
        return MARGIN + self.row * (HEIGHT + ROW)


def network_svg(plan: Plan) -> str:
    """The network as one `<svg>` element, without script, in the colours of its surroundings."""
    cards = arranged(plan)
    width = max(card.x for card in cards) + WIDTH + MARGIN
    height = max(card.y for card in cards) + HEIGHT + ROW
    by_name = {card.name: card for card in cards}
    wires = [_wire(by_name[name], card) for card in cards for name in card.reads]
    label = f"Network of {len(plan.nodes)} nodes and {plan.parameters:,} parameters"
    return tag(
        "svg",
        *wires,
        *map(_card, cards),
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        aria_label=label,
        width=width,
        height=height,
        viewBox=f"0 0 {width} {height}",
        style="color: inherit; font: 11px system-ui, sans-serif",
    )


def arranged(plan: Plan) -> list[Card]:
    """The cards, each to the right of all its inputs."""
    cards = _cards(plan)
    heights: dict[int, int] = {}
    for card in cards.values():
        card.column = max((cards[name].column + 1 for name in card.reads), default=0)
        card.row = heights.get(card.column, 0)
        heights[card.column] = card.row + 1
    return list(cards.values())


def _cards(plan: Plan) -> dict[str, Card]:
    """The cards by name, not yet placed; blocks are expanded as far as there is room."""
    for level in range(LEVELS, 0, -1):
        home = _homes(plan, level)
        if len(set(home.values())) <= MOST_UNFOLDED:
            break
    cards = {INPUT: Card(INPUT, ["data"], plan.input_shape)}
    for placed in plan.nodes:
        name = home[placed.name]
        card = cards.setdefault(name, Card(name, [], placed.shape))
        _join(card, placed, [home.get(source.name, INPUT) for source in placed.sources])
    return cards


def _join(card: Card, placed: PlannedNode, reads: list[str]) -> None:
    """Add a node to those that a card stands for."""
    whole = not placed.name.startswith(f"{card.name}.")
    if whole or not card.words:
        card.words.append(placed.kind if whole else "block")
    card.shape = placed.shape
    card.parameters += placed.parameters
    card.reads += [name for name in dict.fromkeys(reads) if name != card.name and name not in card.reads]


def _homes(plan: Plan, level: int) -> dict[str, str]:
    """The card that each node is drawn on: its block's, or the one before where it folds."""
    readers: dict[str, int] = {}
    for placed in plan.nodes:
        for source in placed.sources:
            readers[source.name] = readers.get(source.name, 0) + 1
    homes: dict[str, str] = {}
    for placed in plan.nodes:
        before = placed.sources[0].name if placed.sources else INPUT
        folds = placed.item.folds and before != INPUT and readers[before] == 1
        homes[placed.name] = homes[before] if folds else ".".join(placed.name.split(".")[:level])
    return homes


# Drawing -----------------------------------------------------------------------------------------------


def _wire(start: Card, end: Card) -> str:
    """A line from one card to another; one that passes cards between goes below them."""
    x1, y1, x2, y2 = start.x + WIDTH, start.y + HEIGHT // 2, end.x, end.y + HEIGHT // 2
    path = f"M{x1} {y1}C{x1 + GAP / 2} {y1} {x2 - GAP / 2} {y2} {x2} {y2}"
    if end.column - start.column > 1:
        low, left, right = max(start.y, end.y) + HEIGHT + ROW / 2, x1 + GAP, x2 - GAP
        path = f"M{x1} {y1}C{left} {y1} {x1} {low} {left} {low}H{right}C{x2} {low} {right} {y2} {x2} {y2}"
    return tag("path", d=path, fill="none", stroke="currentColor", stroke_opacity=0.4)


def _card(card: Card) -> str:
    x, y = card.x, card.y
    frame = tag("rect", x=x, y=y, width=WIDTH, height=HEIGHT, rx=6, fill="currentColor", fill_opacity=0.05)
    facts = times(card.shape) + (f" · {card.parameters:,}" if card.parameters else "")
    lines = [
        _words(x, y + 16, card.name.rpartition(".")[2], font_weight=600),
        _words(x, y + 31, " ".join(dict.fromkeys(card.words)), fill_opacity=0.75),
        _words(x, y + HEIGHT - 8, facts, fill_opacity=0.75),
    ]
    title = tag("title", escape(f"{card.name}: {' '.join(card.words)}, {facts}"))
    return tag("g", title, frame, *lines, _glyph(card))


def _words(x: int, y: int, text: str, **look: object) -> str:
    cut = text if len(text) <= LETTERS else f"{text[: LETTERS - 1]}…"
    return tag("text", escape(cut), x=x + WIDTH // 2, y=y, text_anchor="middle", fill="currentColor", **look)


def _glyph(card: Card) -> str:
    """A small picture of the output: a row of units, or maps one behind the other."""
    middle, y = card.x + WIDTH // 2, card.y + 42
    if len(card.shape) < 2:
        count = min(card.shape[0] if card.shape else 1, MOST_UNITS)
        left = middle - count * 6 + 1
        return "".join(_square(left + 12 * unit, y + 12, 10, BLUE, 0.35) for unit in range(count))
    count = min(card.shape[0], MOST_SHEETS)
    left = middle - 14 - 2 * count
    return "".join(_square(left + 4 * sheet, y + 3 * sheet, 28, ORANGE, 0.25) for sheet in range(count))


def _square(x: float, y: float, side: int, colour: str, opacity: float) -> str:
    return tag(
        "rect", x=x, y=y, width=side, height=side, rx=2, fill=colour, fill_opacity=opacity, stroke=colour
    )
