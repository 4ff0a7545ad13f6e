"""How near two answers of one kind are, and what several of them come to: plain JSON in, plain JSON out.

A kind is known by its name and its settings, which are the question's own fields of the label config; `judge_of` gives
the judge of both. To add one: write its file here and name it in `JUDGES`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from crowd.quality.kinds.base import Judge, Merging, Together
from crowd.quality.kinds.boxes import boxes
from crowd.quality.kinds.comparisons import best_worst, pairwise, ranking
from crowd.quality.kinds.outlines import ellipses, keypoints, masks, points, polygons, polylines
from crowd.quality.kinds.records import record
from crowd.quality.kinds.scales import rating
from crowd.quality.kinds.sets import flags, relations
from crowd.quality.kinds.spans import spans
from crowd.quality.kinds.times import segments, tracks
from crowd.quality.kinds.tree import taxonomy
from crowd.quality.kinds.words import transcript

JUDGES: Mapping[str, Callable[[Mapping[str, Any]], Judge]] = {
    "taxonomy": taxonomy,
    "rating": rating,
    "transcript": transcript,
    "boxes": boxes,
    "polygons": polygons,
    "polylines": polylines,
    "points": points,
    "keypoints": keypoints,
    "ellipses": ellipses,
    "masks": masks,
    "spans": spans,
    "relations": relations,
    "segments": segments,
    "tracks": tracks,
    "flags": flags,
    "record": record,
    "pairwise": pairwise,
    "ranking": ranking,
    "best-worst": best_worst,
}


def judge_of(kind: str, settings: Mapping[str, Any]) -> Judge:
    """The judge of a question's answers. KeyError for a kind that is judged elsewhere (choice, number, text)."""
    return JUDGES[kind](settings)


__all__ = ["JUDGES", "Judge", "Merging", "Together", "judge_of"]
