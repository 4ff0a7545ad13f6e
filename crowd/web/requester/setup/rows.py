"""Several small forms in one: the fields of a record, the conditions of a question. One empty row is always there."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from crowd.web.forms import QuietForm
from crowd.web.requester.setup.lines import read, written
from crowd.web.requester.setup.setting_words import WORDS
from crowd.web.requester.setup.settings import Earlier

MOST = 200
TESTS = (
    ("is", gettext_lazy("is")),
    ("is_not", gettext_lazy("is not")),
    ("contains", gettext_lazy("contains")),
    ("answered", gettext_lazy("is answered")),
    ("unanswered", gettext_lazy("is not answered")),
)
OF_NUMBERS = ("number", "rating")


class Rows:
    """The rows of one setting of a question; which are filled, and what they say."""

    def __init__(self, parent: Any, name: str, form: type[QuietForm], initial: Sequence[Mapping[str, Any]]) -> None:
        self.name, self.quiet = name, parent.quiet
        prefix = f"{parent.prefix}-{name}"
        if parent.is_bound:
            sent = _numbers(parent.data, prefix)
            made = [self._bound(form, parent.data, f"{prefix}-{n}") for n in sent]
            self.forms = [
                *(one for one in made if one.has_changed()),
                form(prefix=f"{prefix}-{max(sent, default=-1) + 1}"),
            ]
        else:
            self.forms = [form(prefix=f"{prefix}-{n}", initial=dict(one)) for n, one in enumerate([*initial, {}])]

    @property
    def label(self) -> Any:
        return WORDS[self.name][0] if self.name in WORDS else ""

    @property
    def hint(self) -> Any:
        return WORDS[self.name][1] if self.name in WORDS else ""

    def is_valid(self) -> bool:
        return all(one.is_valid() for one in self.forms if one.is_bound)

    @property
    def said(self) -> list[dict[str, Any]]:
        """What each filled row says; empty values are left out."""
        given = [one.cleaned_data for one in self.forms if one.is_bound]
        return [{name: value for name, value in row.items() if value not in (None, "", [])} for row in given if row]

    def _bound(self, form: type[QuietForm], data: Any, prefix: str) -> QuietForm:
        made = form(data, prefix=prefix, empty_permitted=True, use_required_attribute=False)
        made.quiet = self.quiet
        return made


def _numbers(data: Any, prefix: str) -> list[int]:
    """Those of the rows that were sent."""
    sent = {name.removeprefix(f"{prefix}-").split("-")[0] for name in data if name.startswith(f"{prefix}-")}
    return sorted(int(one) for one in sent if one.isdecimal() and len(one) < 6)[:MOST]


def conditions_form(earlier: Sequence[Earlier]) -> type[QuietForm]:
    """A form for one condition: an earlier question, a test, and what its answer is held against."""
    names = [("", "–"), *((one.id, f"{one.id}: {one.text}"[:80]) for one in earlier)]
    fields = {
        "question": forms.ChoiceField(label=gettext_lazy("Question before this one"), choices=names),
        "test": forms.ChoiceField(label=gettext_lazy("its answer"), choices=TESTS, initial="is"),
        "value": forms.CharField(
            label=gettext_lazy("Answer"), required=False, help_text=gettext_lazy("Several: one | other.")
        ),
    }
    return type("ConditionForm", (QuietForm,), fields)


def conditions_from(when: Any) -> list[dict[str, Any]]:
    """`when` of a label config as rows."""
    rows = [when] if isinstance(when, Mapping) else when or []
    return [_row(one) for one in rows]


def conditions_to(rows: Sequence[Mapping[str, Any]], earlier: Sequence[Earlier]) -> list[dict[str, Any]]:
    """Rows as `when` of a label config."""
    kinds = {one.id: one.kind for one in earlier}
    return [_condition(one, kinds.get(one.get("question", ""), "")) for one in rows]


def _row(one: Mapping[str, Any]) -> dict[str, Any]:
    test, value = next((test, value) for test, value in one.items() if test != "question")
    if test == "answered":
        return {"question": one["question"], "test": "answered" if value else "unanswered", "value": ""}
    values = value if isinstance(value, list | tuple) else [value]
    return {"question": one["question"], "test": test, "value": written([[str(each) for each in values]])}


def _condition(row: Mapping[str, Any], kind: str) -> dict[str, Any]:
    if row["test"] in ("answered", "unanswered"):
        return {"question": row.get("question", ""), "answered": row["test"] == "answered"}
    cells = [cell for cells in read(row.get("value", ""), MOST) for cell in cells]
    values = [_number(cell) for cell in cells] if kind in OF_NUMBERS else cells
    return {"question": row.get("question", ""), row["test"]: values}


def _number(text: str) -> Any:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return text
    return int(number) if number.is_integer() else number
