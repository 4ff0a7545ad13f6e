"""What a rejection rests on."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from crowd.assignments.states import Evidence
from crowd.kernel.errors import BadInput


@dataclass(frozen=True, kw_only=True)
class Grounds:
    """What a rejection rests on: the kind of evidence, the figures, and the reason in words for the worker."""

    evidence: str
    reason: str
    facts: dict[str, Any] = field(default_factory=dict)

    def check(self) -> None:
        errors = {}
        if self.evidence not in Evidence.values:
            errors["evidence"] = f"One of {', '.join(Evidence.values)}."
        if not self.reason.strip():
            errors["reason"] = _("A rejection needs a reason; the worker reads it.")
        if errors:
            raise BadInput(errors=errors)
