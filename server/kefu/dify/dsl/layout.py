"""Places nodes so that the canvas reads left to right: a column is the longest way from the start, rows keep apart.

Numbers are pixels of Dify's canvas, measured in its front end: a node is 240 wide; its height depends on its kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NODE_WIDTH = 240
COLUMN = 320
ROW_GAP = 48
NOTE_HEIGHT = 128
_SWEEPS = 8

_HEIGHTS: Mapping[str, int] = {"tool": 126, "if": 126, "extractor": 126, "llm": 136, "code": 90, "answer": 120}


@dataclass(frozen=True, slots=True)
class Box:
    """Upper left corner and size."""

    x: int
    y: int
    width: int
    height: int

    def overlaps(self, other: Box) -> bool:
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


def height_of(kind: str, exits: int) -> int:
    """Height of a node; a classifier grows with each class."""
    return 110 + 44 * exits if kind == "classifier" else _HEIGHTS.get(kind, 92)


def columns(ids: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Each node's column: the longest way to it. A circle is cut where it closes."""
    column = dict.fromkeys(ids, 0)
    for _ in ids:
        moved = False
        for source, target in edges:
            if column[target] <= column[source] < len(ids):
                column[target] = column[source] + 1
                moved = True
        if not moved:
            break
    return column


def place(heights: Mapping[str, int], edges: Sequence[tuple[str, str]]) -> dict[str, Box]:
    """A box for each node, without overlaps; rows ordered so that edges cross little (barycentre sweeps)."""
    column = columns(list(heights), edges)
    lanes: dict[int, list[str]] = {}
    for node_id in heights:
        lanes.setdefault(column[node_id], []).append(node_id)
    middle = _stack(lanes, heights)
    for sweep in range(_SWEEPS):
        order = sorted(lanes) if sweep % 2 == 0 else sorted(lanes, reverse=True)
        for lane in order:
            wanted = {node_id: _pull(node_id, edges, middle) for node_id in lanes[lane]}
            lanes[lane].sort(key=lambda node_id: wanted[node_id])
            _settle(lanes[lane], wanted, heights, middle)
    top = min((middle[node_id] - heights[node_id] / 2 for node_id in heights), default=0)
    return {
        node_id: Box(
            column[node_id] * COLUMN,
            round(middle[node_id] - heights[node_id] / 2 - top),
            NODE_WIDTH,
            heights[node_id],
        )
        for node_id in heights
    }


def _stack(lanes: Mapping[int, Sequence[str]], heights: Mapping[str, int]) -> dict[str, float]:
    middle: dict[str, float] = {}
    for lane in lanes.values():
        y = 0.0
        for node_id in lane:
            middle[node_id] = y + heights[node_id] / 2
            y += heights[node_id] + ROW_GAP
    return middle


def _pull(node_id: str, edges: Sequence[tuple[str, str]], middle: Mapping[str, float]) -> float:
    """The middle of the neighbours; edges out of one branch node keep their order by a small offset."""
    neighbours = [middle[source] for source, target in edges if target == node_id]
    neighbours += [middle[target] for source, target in edges if source == node_id]
    rank = next((index for index, (_, target) in enumerate(edges) if target == node_id), 0)
    return (sum(neighbours) / len(neighbours) if neighbours else middle[node_id]) + rank / 1000


def _settle(
    lane: Sequence[str], wanted: Mapping[str, float], heights: Mapping[str, int], middle: dict[str, float]
) -> None:
    """Put each node near where it wants to be, pushing the later ones down, then shift the lane to balance."""
    y = float("-inf")
    for node_id in lane:
        half = heights[node_id] / 2
        middle[node_id] = max(wanted[node_id], y + half)
        y = middle[node_id] + half + ROW_GAP
    drift = sum(middle[node_id] - wanted[node_id] for node_id in lane) / len(lane)
    for node_id in lane:
        middle[node_id] -= drift


def place_notes(noted: Sequence[str], boxes: Mapping[str, Box]) -> dict[str, Box]:
    """A note for each of these nodes, above its column and clear of everything."""
    notes: dict[str, Box] = {}
    for node_id in noted:
        x = boxes[node_id].x
        above = [box.y for box in boxes.values() if box.x == x] + [box.y for box in notes.values() if box.x == x]
        lowest = min(above)
        notes[node_id] = Box(x, min(lowest, 0) - NOTE_HEIGHT - ROW_GAP, COLUMN - 40, NOTE_HEIGHT)
    return notes
