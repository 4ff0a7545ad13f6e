"""The form editor of questions: label configs to form fields and back, without loss or not at all."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.labeling.kinds.base import FACT, LEAST_WEIGHT, MOST_WEIGHT, OPINION
from crowd.web.forms import NeededChar, PageForm

KINDS = (
    ("choice", gettext_lazy("one of several labels")),
    ("multi-choice", gettext_lazy("any number of labels")),
    ("number", gettext_lazy("a number")),
    ("text", gettext_lazy("a text")),
)
PARTS = ("name", "title", "key", "colour", "description")
OWN = {
    "choice": ("labels",),
    "multi-choice": ("labels", "at_least", "at_most", "tolerance"),
    "number": ("minimum", "maximum", "integer", "unit", "tolerance"),
    "text": ("min_length", "max_length", "multiline", "tolerance"),
}
MOST = 20


class QuestionForm(PageForm):
    """One question. Which fields mean something depends on its kind; the others are passed over."""

    text = forms.CharField(label=gettext_lazy("Question"), max_length=2000)
    kind = forms.ChoiceField(label=gettext_lazy("Answered by"), choices=KINDS)
    labels = NeededChar(
        label=gettext_lazy("Labels"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One a line: name | what workers read | key | #colour | description. Only the name is needed."
        ),
    )
    id = forms.CharField(label=gettext_lazy("Name in the results"), required=False, max_length=64)
    help = forms.CharField(
        label=gettext_lazy("Help beside the question"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    required = forms.BooleanField(label=gettext_lazy("Must be answered"), required=False, initial=True)
    opinion = forms.BooleanField(
        label=gettext_lazy("Asks for an opinion: there is no right answer"),
        required=False,
        help_text=gettext_lazy("No gold, no accuracy, no pay by consensus; you get how the answers are spread."),
    )
    scored = forms.BooleanField(label=gettext_lazy("Counts on gold tasks"), required=False, initial=True)
    weight = forms.FloatField(
        label=gettext_lazy("Its weight on gold tasks beside the other questions"),
        required=False,
        min_value=LEAST_WEIGHT,
        max_value=MOST_WEIGHT,
        help_text=gettext_lazy("Empty: 1. A question of weight 2 counts as two."),
    )
    at_least = forms.IntegerField(label=gettext_lazy("At least so many labels"), required=False, min_value=0)
    at_most = forms.IntegerField(label=gettext_lazy("At most so many labels"), required=False, min_value=1)
    minimum = forms.FloatField(label=gettext_lazy("Smallest number"), required=False)
    maximum = forms.FloatField(label=gettext_lazy("Largest number"), required=False)
    integer = forms.BooleanField(label=gettext_lazy("Whole numbers only"), required=False)
    unit = forms.CharField(label=gettext_lazy("Unit"), required=False, max_length=50)
    tolerance = forms.FloatField(
        label=gettext_lazy("On gold, right within"),
        required=False,
        min_value=0,
        help_text=gettext_lazy("So far from a number; or the share of a text's characters, or of labels, from 0 to 1."),
    )
    min_length = forms.IntegerField(label=gettext_lazy("At least so many characters"), required=False, min_value=0)
    max_length = forms.IntegerField(label=gettext_lazy("At most so many characters"), required=False, min_value=1)
    multiline = forms.BooleanField(label=gettext_lazy("Several lines"), required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") in ("choice", "multi-choice") and not given.get("labels", "").strip():
            self.add_error("labels", _("This kind of question needs labels."))
        return given

    def to_json(self, number: int) -> dict[str, Any]:
        given = self.cleaned_data
        kind = given["kind"]
        own = {name: given[name] for name in OWN[kind] if given.get(name) not in (None, "")}
        if "labels" in own:
            own["labels"] = read_labels(own["labels"])
        question = {
            "id": given["id"] or f"question{number}",
            "kind": kind,
            "text": given["text"],
            "help": given["help"],
        }
        question |= {"required": given["required"], "scored": given["scored"] and not given["opinion"]}
        question |= {"weight": given["weight"]} if given.get("weight") else {}
        return question | {"asks": OPINION if given["opinion"] else FACT} | own


class OneQuestionAtLeast(BaseFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        if not any(self.errors) and not self.kept():
            raise ValidationError(_("Ask at least one question."))

    def kept(self) -> list[QuestionForm]:
        return [form for form in self.forms if form.cleaned_data.get("text") and not form.cleaned_data.get("DELETE")]

    def to_json(self) -> list[dict[str, Any]]:
        return [form.to_json(number) for number, form in enumerate(self.kept(), start=1)]


QuestionForms = formset_factory(
    QuestionForm, formset=OneQuestionAtLeast, extra=0, can_delete=True, max_num=MOST, absolute_max=MOST
)


def initial(questions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the forms start with."""
    return [
        {**one, "opinion": one.get("asks") == OPINION}
        | ({"labels": write_labels(one["labels"])} if "labels" in one else {})
        for one in questions
    ]


def fits_form(config: Mapping[str, Any]) -> bool:
    """Whether the form editor can hold all of it: no examples, no bars in words, few labels, no conditions, kinds
    that it knows, no pairs of pictures."""
    kinds = {kind for kind, _name in KINDS}
    if config.get("data", {}).get("beside"):
        return False
    for question in config["questions"]:
        labels = question.get("labels", [])
        if question["kind"] not in kinds or len(labels) > 200 or question.get("when"):
            return False
        if read_labels(write_labels(labels)) != [_short(label) for label in labels]:
            return False
    return len(config["questions"]) <= MOST


def write_labels(labels: Sequence[Mapping[str, str] | str]) -> str:
    lines = []
    for label in labels:
        given = {"name": label} if isinstance(label, str) else label
        cells = [given.get(part, "") for part in PARTS]
        while len(cells) > 1 and not cells[-1]:
            cells.pop()
        lines.append(" | ".join(cells))
    return "\n".join(lines)


def read_labels(text: str) -> list[dict[str, str]]:
    found = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split("|", len(PARTS) - 1)]
        if cells[0]:
            found.append({part: cell for part, cell in zip(PARTS, cells, strict=False) if cell})
    return found


def _short(label: Mapping[str, str] | str) -> dict[str, str]:
    given = {"name": label} if isinstance(label, str) else label
    return {name: value for name, value in given.items() if value}
