"""Who may work on a project: conditions on qualifications, as on Mechanical Turk, and groups of alternatives.

`check` says what a worker lacks and until when that verdict stands; `ways` how he gets it; `validate` refuses
conditions that nobody can mean.
"""

from qualifications.requirements.checking import Holdings, Miss, Unmet, Verdict, check, holdings
from qualifications.requirements.conditions import Condition, bundled, satisfied
from qualifications.requirements.validation import MAX_CONDITIONS, BadRequirements, validate
from qualifications.requirements.ways import Way, ways

__all__ = [
    "MAX_CONDITIONS",
    "BadRequirements",
    "Condition",
    "Holdings",
    "Miss",
    "Unmet",
    "Verdict",
    "Way",
    "bundled",
    "check",
    "holdings",
    "satisfied",
    "validate",
    "ways",
]
