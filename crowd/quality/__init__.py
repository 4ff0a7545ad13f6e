"""Truth inference: from what a crowd answered to what is most likely true, and how good each worker is.

numpy only, no Django, no clock, no global random state. Parameters and results are frozen, inputs never changed. What
is exported here is loaded when first asked for. docs/quality.md has the formulas and papers.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crowd.quality.accuracy import BetaAccuracy, Others, QuizMark, quiz_mark, should_pause
    from crowd.quality.agreement import (
        cohen_kappa,
        fleiss_kappa,
        krippendorff_alpha,
        mean_pairwise,
        percent_agreement,
        task_agreement,
    )
    from crowd.quality.auto import Auto
    from crowd.quality.boxes import Box, BoxShape, Ellipse, EllipseShape
    from crowd.quality.calibration import calibrate, calibration_error, calibrator, noise_floor
    from crowd.quality.dawid_skene import DawidSkene
    from crowd.quality.disclosure import Shown, merge_small, safe_groups
    from crowd.quality.ebcc import EBCC
    from crowd.quality.glad import GLAD
    from crowd.quality.mace import MACE
    from crowd.quality.majority import MajorityVote
    from crowd.quality.marks import Found, Mark, MarkFit, MarkVotes, MergeMarks, marks_right
    from crowd.quality.mask_votes import MaskFit, MaskVotes, PixelVote, Staple, WeightedPixelVote
    from crowd.quality.masks import Mask, MaskShape
    from crowd.quality.multilabel import LabelSets, PerLabel, SetFit, SetVotes
    from crowd.quality.numbers import Median, NumberFit, Numbers, WorkerScales, median
    from crowd.quality.one_coin import OneCoin
    from crowd.quality.online import OnlineDawidSkene
    from crowd.quality.opinions import opinion_shares, spread_between
    from crowd.quality.ordinal import Ordinal, ratings
    from crowd.quality.pairs import BradleyTerry, NoisyBradleyTerry, PairVotes, ScoreFit
    from crowd.quality.parity import ParityDawidSkene
    from crowd.quality.points import Point, PointShape, PolylineShape, PoseShape
    from crowd.quality.polygons import PolygonShape
    from crowd.quality.priors import Dirichlet, Hierarchical
    from crowd.quality.rankings import Borda, PlackettLuce, Rankings
    from crowd.quality.rover import Rover
    from crowd.quality.segments import Segment, SegmentShape
    from crowd.quality.spans import SpanDawidSkene, SpanFit, TagVotes, spans_of
    from crowd.quality.tables import ChiSquare, chi_square, chi_square_tail, rounded
    from crowd.quality.tracks import TrackShape, tracking_accuracy
    from crowd.quality.transcripts import Medoid, TextFit, Texts, medoid
    from crowd.quality.types import Fit, Votes
    from crowd.quality.value import ValueOfAnswer
    from crowd.quality.weighted import GoldWeightedVote, Wawa
    from crowd.quality.workers import confusion_interval, copying, information, label_bias, spammer_score

_HOMES = {
    "accuracy": ("BetaAccuracy", "Others", "QuizMark", "quiz_mark", "should_pause"),
    "agreement": (
        "cohen_kappa",
        "fleiss_kappa",
        "krippendorff_alpha",
        "mean_pairwise",
        "percent_agreement",
        "task_agreement",
    ),
    "auto": ("Auto",),
    "boxes": ("Box", "BoxShape", "Ellipse", "EllipseShape"),
    "calibration": ("calibrate", "calibration_error", "calibrator", "noise_floor"),
    "dawid_skene": ("DawidSkene",),
    "disclosure": ("Shown", "merge_small", "safe_groups"),
    "ebcc": ("EBCC",),
    "glad": ("GLAD",),
    "mace": ("MACE",),
    "majority": ("MajorityVote",),
    "marks": ("Found", "Mark", "MarkFit", "MarkVotes", "MergeMarks", "marks_right"),
    "mask_votes": ("MaskFit", "MaskVotes", "PixelVote", "Staple", "WeightedPixelVote"),
    "masks": ("Mask", "MaskShape"),
    "multilabel": ("LabelSets", "PerLabel", "SetFit", "SetVotes"),
    "numbers": ("Median", "NumberFit", "Numbers", "WorkerScales", "median"),
    "one_coin": ("OneCoin",),
    "online": ("OnlineDawidSkene",),
    "opinions": ("opinion_shares", "spread_between"),
    "ordinal": ("Ordinal", "ratings"),
    "pairs": ("BradleyTerry", "NoisyBradleyTerry", "PairVotes", "ScoreFit"),
    "parity": ("ParityDawidSkene",),
    "points": ("Point", "PointShape", "PolylineShape", "PoseShape"),
    "polygons": ("PolygonShape",),
    "priors": ("Dirichlet", "Hierarchical"),
    "rankings": ("Borda", "PlackettLuce", "Rankings"),
    "rover": ("Rover",),
    "segments": ("Segment", "SegmentShape"),
    "spans": ("SpanDawidSkene", "SpanFit", "TagVotes", "spans_of"),
    "tables": ("ChiSquare", "chi_square", "chi_square_tail", "rounded"),
    "tracks": ("TrackShape", "tracking_accuracy"),
    "transcripts": ("Medoid", "TextFit", "Texts", "medoid"),
    "types": ("Fit", "Votes"),
    "value": ("ValueOfAnswer",),
    "weighted": ("GoldWeightedVote", "Wawa"),
    "workers": ("confusion_interval", "copying", "information", "label_bias", "spammer_score"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'crowd.quality' has no attribute {name!r}")
    return getattr(import_module(f"crowd.quality.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_HOME_OF)


__all__ = [
    "EBCC",
    "GLAD",
    "MACE",
    "Auto",
    "BetaAccuracy",
    "Borda",
    "Box",
    "BoxShape",
    "BradleyTerry",
    "ChiSquare",
    "DawidSkene",
    "Dirichlet",
    "Ellipse",
    "EllipseShape",
    "Fit",
    "Found",
    "GoldWeightedVote",
    "Hierarchical",
    "LabelSets",
    "MajorityVote",
    "Mark",
    "MarkFit",
    "MarkVotes",
    "Mask",
    "MaskFit",
    "MaskShape",
    "MaskVotes",
    "Median",
    "Medoid",
    "MergeMarks",
    "NoisyBradleyTerry",
    "NumberFit",
    "Numbers",
    "OneCoin",
    "OnlineDawidSkene",
    "Ordinal",
    "Others",
    "PairVotes",
    "ParityDawidSkene",
    "PerLabel",
    "PixelVote",
    "PlackettLuce",
    "Point",
    "PointShape",
    "PolygonShape",
    "PolylineShape",
    "PoseShape",
    "QuizMark",
    "Rankings",
    "Rover",
    "ScoreFit",
    "Segment",
    "SegmentShape",
    "SetFit",
    "SetVotes",
    "Shown",
    "SpanDawidSkene",
    "SpanFit",
    "Staple",
    "TagVotes",
    "TextFit",
    "Texts",
    "TrackShape",
    "ValueOfAnswer",
    "Votes",
    "Wawa",
    "WeightedPixelVote",
    "WorkerScales",
    "calibrate",
    "calibration_error",
    "calibrator",
    "chi_square",
    "chi_square_tail",
    "cohen_kappa",
    "confusion_interval",
    "copying",
    "fleiss_kappa",
    "information",
    "krippendorff_alpha",
    "label_bias",
    "marks_right",
    "mean_pairwise",
    "median",
    "medoid",
    "merge_small",
    "noise_floor",
    "opinion_shares",
    "percent_agreement",
    "quiz_mark",
    "ratings",
    "rounded",
    "safe_groups",
    "should_pause",
    "spammer_score",
    "spans_of",
    "spread_between",
    "task_agreement",
    "tracking_accuracy",
]
