"""What every kind of answer has to know about itself for gold, agreement and consensus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Together:
    """The merged answer of one task, in the kind's own canonical form.

    posterior: that `value` as a whole is right, None where the kind has no probability of that. details: what is known
    of its parts, for people and exports; plain JSON.
    """

    value: Any
    posterior: float | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Merging:
    """`tasks`: one merged answer a task, in the order of their first answer. `accuracy`: of each worker, in [0, 1],
    None where the answers say nothing about him."""

    tasks: Mapping[Any, Together]
    accuracy: Mapping[Any, float | None]
    figures: Mapping[str, Any] = field(default_factory=dict)


class Judge(Protocol):
    """Of one question's answers. Values are canonical, as crowd.labeling accepts them."""

    def score(self, answer: Any, key: Any) -> float:
        """How well the answer meets the key, in [0, 1]; 1 for the key itself. Also how far two answers agree."""

    def merge(self, tasks: Sequence[Any], workers: Sequence[Any], values: Sequence[Any]) -> Merging:
        """The merged answers from three columns of equal length; no worker answers a task twice."""
