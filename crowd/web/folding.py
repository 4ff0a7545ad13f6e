"""A long form that shows what matters and keeps the rest under named folds, open where there is something to see."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.forms import BoundField
from django.utils.functional import Promise

from crowd.web.forms import PageForm


@dataclass(frozen=True)
class Fold:
    title: str | Promise
    says: str | Promise
    names: tuple[str, ...]


@dataclass(frozen=True)
class Folded:
    fold: Fold
    fields: list[BoundField]
    open: bool


class FoldingForm(PageForm):
    """`FOLDS` names the fields that are folded away; what no fold names stands in sight, above them.

    `usual`, an argument, says what each field is where nobody changed it.
    """

    FOLDS: ClassVar[Collection[Fold]] = ()

    def __init__(self, *args: Any, usual: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.usual = usual

    def in_sight(self) -> list[BoundField]:
        away = {name for fold in self.FOLDS for name in fold.names}
        return [field for field in self if field.name not in away]

    def folded(self) -> Iterator[Folded]:
        for fold in self.FOLDS:
            fields = [self[name] for name in fold.names]
            yield Folded(fold, fields, any(self._is_of_interest(field) for field in fields))

    def _is_of_interest(self, field: BoundField) -> bool:
        """It is wrong, or not as usual: as it stands, or as it was just typed (empty: as it stands)."""
        typed = getattr(self, "cleaned_data", {}).get(field.name)
        return bool(field.errors) or (field.initial if typed is None else typed) != self.usual.get(field.name)
