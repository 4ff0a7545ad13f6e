"""What every state machine of the project is made of.

An app's `states.py` holds a TextChoices enum and one `Transitions` table, nothing else. A service
asks the table, under the row's lock, before it writes a state.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from crowd.kernel.errors import Conflict


class WrongState(Conflict):
    code = "wrong_state"


class Transitions:
    """`Transitions({State.A: [State.B]})`: from A only B can be reached; a state absent as a key is final."""

    def __init__(self, table: Mapping[Any, Iterable[Any]]) -> None:
        self._table = {str(source): frozenset(str(target) for target in targets) for source, targets in table.items()}

    def allows(self, source: str, target: str) -> bool:
        return str(target) in self._table.get(str(source), frozenset())

    def sources(self, target: str) -> list[str]:
        """The states from which `target` can be reached: for the WHERE of a compare-and-set."""
        return [source for source, targets in self._table.items() if str(target) in targets]

    def check(self, source: str, target: str) -> None:
        """Raises WrongState, which names both states."""
        if not self.allows(source, target):
            message = _("This is %(source)s and cannot become %(target)s.") % {"source": source, "target": target}
            raise WrongState(message, state=str(source), wanted=str(target))


__all__ = ["Transitions", "WrongState"]
