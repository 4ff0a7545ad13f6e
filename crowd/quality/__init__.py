"""Truth inference: from what a crowd answered to what is most likely true, and how good each worker is.

numpy only, no Django, no clock, no global random state. Parameters and results are frozen, inputs never changed.
"""

from crowd.quality.accuracy import BetaAccuracy, should_pause
from crowd.quality.agreement import krippendorff_alpha, percent_agreement, task_agreement
from crowd.quality.dawid_skene import DawidSkene
from crowd.quality.majority import MajorityVote
from crowd.quality.numbers import Median, NumberFit, Numbers, median
from crowd.quality.parity import ParityDawidSkene
from crowd.quality.priors import Dirichlet, Hierarchical
from crowd.quality.transcripts import Medoid, TextFit, Texts, medoid
from crowd.quality.types import Fit, Votes

__all__ = [
    "BetaAccuracy",
    "DawidSkene",
    "Dirichlet",
    "Fit",
    "Hierarchical",
    "MajorityVote",
    "Median",
    "Medoid",
    "NumberFit",
    "Numbers",
    "ParityDawidSkene",
    "TextFit",
    "Texts",
    "Votes",
    "krippendorff_alpha",
    "median",
    "medoid",
    "percent_agreement",
    "should_pause",
    "task_agreement",
]
