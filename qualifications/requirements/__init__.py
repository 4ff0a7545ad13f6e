"""Who may work on a project: conditions on qualifications, all of which must hold, as on Mechanical Turk.

`check` says what a worker lacks and until when that verdict stands; `validate` refuses conditions that nobody can mean.
"""

from qualifications.requirements.checking import Unmet, Verdict, check
from qualifications.requirements.conditions import Condition, satisfied
from qualifications.requirements.validation import MAX_CONDITIONS, BadRequirements, validate

__all__ = ["MAX_CONDITIONS", "BadRequirements", "Condition", "Unmet", "Verdict", "check", "satisfied", "validate"]
