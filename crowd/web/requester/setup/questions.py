"""The form editor of questions: label configs to form fields and back, without loss or not at all."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import count
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, BoundField, formset_factory
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.kernel.speech import translated
from crowd.labeling.errors import ConfigError
from crowd.labeling.kinds import KINDS
from crowd.labeling.kinds.base import FACT, LEAST_WEIGHT, MAX_TEXT, MOST_WEIGHT, OPINION
from crowd.web.forms import QuietForm
from crowd.web.requester.setup import settings
from crowd.web.requester.setup.lines import LabelsField
from crowd.web.requester.setup.rows import Rows, conditions_form, conditions_from, conditions_to
from crowd.web.requester.setup.settings import Earlier

MOST = 20
MOST_LINES = 1_000  # labels or nodes that a text field is fit for
FIRST_KIND = "choice"
OF_FACTS = ("opinion", "scored", "weight")


class QuestionForm(QuietForm):
    """One question: what all have, and the settings of its kind, which come from the kind's schema.

    `settings_of` names the kind whose settings were on the page: where another one was chosen since, the form is
    `turned`, and shows that one's settings; what both describe alike is kept. `named` is the id it goes by.
    """

    text = forms.CharField(
        label=gettext_lazy("Question"), max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": 2})
    )
    kind = forms.ChoiceField(label=gettext_lazy("Answered by"))
    settings_of = forms.CharField(required=False, widget=forms.HiddenInput)
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

    def __init__(
        self,
        *args: Any,
        shown: str = "",
        named: str = "",
        earlier: Sequence[Earlier] = (),
        quiet: bool = False,
        **kwargs: Any,
    ) -> None:
        if kwargs.get("data") is not None:
            kwargs["data"], self.turned = _turned(kwargs["data"], kwargs["prefix"])
        else:
            self.turned = False
        super().__init__(*args, **kwargs)
        self.quiet, self.named, self.earlier = quiet, named, earlier
        self.own_kind = self._own_kind()
        self._offer_kinds(shown)
        self.fields |= settings.fields_of(self.own_kind, earlier)
        if not KINDS[self.own_kind].judged:
            for name in OF_FACTS:
                del self.fields[name]
        self.rows = self._rows()
        self.when = Rows(self, "when", conditions_form(earlier), conditions_from(self.initial.get("when")))

    def is_valid(self) -> bool:
        return super().is_valid() and all(one.is_valid() for one in [*self.rows, self.when])

    @property
    def leading(self) -> list[BoundField]:
        """The settings that stand in sight."""
        return [self[name] for name in self._own if settings.is_first(self.own_kind, name)]

    @property
    def further(self) -> list[BoundField]:
        return [self[name] for name in self._own if not settings.is_first(self.own_kind, name)]

    @property
    def about_facts(self) -> list[BoundField]:
        """What gold and pay look at, where there can be a right answer."""
        return [self[name] for name in OF_FACTS if name in self.fields]

    def to_json(self) -> dict[str, Any]:
        given, kind = self.cleaned_data, self.own_kind
        question = {"id": self.named, "kind": kind, "text": given["text"], "help": given["help"]}
        question |= {"required": given["required"]} | settings.said(given, self._own)
        question |= {rows.name: rows.said for rows in self.rows}
        if "nodes" in question:
            question.pop("digest", None)
        when = conditions_to(self.when.said, self.earlier)
        return question | self._facts() | ({"when": when} if when else {})

    def refused(self, error: ConfigError, place: str) -> None:
        """What the config's parser says of this question, beside the field that it is about."""
        name = place.split(".")[0].split("[")[0]
        self.add_error(name if name in self.fields else None, str(translated(error.message)))

    @cached_property
    def _own(self) -> list[str]:
        return [name for name in settings.schema_of(self.own_kind) if name in self.fields]

    def _facts(self) -> dict[str, Any]:
        given = self.cleaned_data
        if not KINDS[self.own_kind].judged:
            return {}
        weight = {"weight": given["weight"]} if given.get("weight") else {}
        asks = {"asks": OPINION if given["opinion"] else FACT, "scored": given["scored"] and not given["opinion"]}
        return asks | weight

    def _own_kind(self) -> str:
        given = self.data.get(self.add_prefix("kind")) if self.is_bound else self.initial.get("kind")
        return str(given) if given in KINDS else FIRST_KIND

    def _offer_kinds(self, shown: str) -> None:
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = settings.kind_choices(shown, self.own_kind)
        for name in ("kind", "settings_of"):
            self.initial.setdefault(name, self.own_kind)

    def _rows(self) -> list[Rows]:
        return [
            Rows(self, name, settings.row_form(self.own_kind, schema), self.initial.get(name, ()))
            for name, schema in settings.rows_of(self.own_kind).items()
        ]


class OneQuestionAtLeast(BaseFormSet):  # type: ignore[type-arg]
    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        more = super().get_form_kwargs(index)
        if index is None:
            return more
        return more | {"named": self.ids[index], "earlier": [self._earlier(place) for place in range(index)]}

    def clean(self) -> None:
        if not any(self.errors) and not self.kept():
            raise ValidationError(_("Ask at least one question."))

    @property
    def turned(self) -> bool:
        """Whether a question got another kind than the page has settings for."""
        return any(form.turned for form in self.forms)

    def kept(self) -> list[QuestionForm]:
        return [form for form in self.forms if form.cleaned_data.get("text") and not form.cleaned_data.get("DELETE")]

    def to_json(self) -> list[dict[str, Any]]:
        return [form.to_json() for form in self.kept()]

    @cached_property
    def ids(self) -> list[str]:
        """What the question of each form is called, deleted ones too: as was typed, or else the first `questionN`,
        counted from its place, that no other is called. Conditions and the config both go by it."""
        ids = [self._said(place, "id").strip() for place in range(self.total_form_count())]
        for place, id in enumerate(ids):
            ids[place] = id or next(free for n in count(place + 1) if (free := f"question{n}") not in ids)
        return ids

    def refused(self, error: ConfigError) -> bool:
        """Whether one of the questions is to blame; then it says so."""
        head, _dot, rest = error.path.partition(".")
        number = head.removeprefix("questions[").removesuffix("]")
        if not head.startswith("questions[") or not number.isdecimal():
            return False
        self.kept()[int(number)].refused(error, rest)
        return True

    def _earlier(self, place: int) -> Earlier:
        return Earlier(self.ids[place], self._said(place, "text"), self._said(place, "kind"))

    def _said(self, place: int, name: str) -> str:
        if self.is_bound:
            return str(self.data.get(f"{self.add_prefix(place)}-{name}", ""))
        known = self.initial[place] if self.initial and place < len(self.initial) else {}
        return str(known.get(name, ""))


QuestionForms = formset_factory(
    QuestionForm, formset=OneQuestionAtLeast, extra=0, can_delete=True, max_num=MOST, absolute_max=MOST
)


def initial(questions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the forms start with."""
    return [{**one, "opinion": one.get("asks") == OPINION} for one in questions]


def fits_form(config: Mapping[str, Any]) -> bool:
    """Whether the form editor can hold all of it: not too much of it, and nothing that a line cannot carry."""
    return len(config["questions"]) <= MOST and all(_fits(one) for one in config["questions"])


def _fits(question: Mapping[str, Any]) -> bool:
    lists = {name: value for name, value in question.items() if isinstance(value, list | tuple)}
    if any(len(value) > MOST_LINES for value in lists.values()):
        return False
    kind = question["kind"]
    fields = QuestionForm.base_fields | settings.fields_of(kind, ())
    rows = {name: settings.row_form(kind, schema).base_fields for name, schema in settings.rows_of(kind).items()}
    objects = [(question, fields), *((one, rows[name]) for name in rows for one in lists.get(name, ()))]
    return all(_has_room(*one) for one in objects) and all(
        name not in fields or fields[name].clean(fields[name].prepare_value(value)) == _plain(fields[name], value)
        for name, value in lists.items()
        if value
    )


def _has_room(values: Mapping[str, Any], fields: Mapping[str, forms.Field]) -> bool:
    """A browser takes the line breaks out of a field of one line."""
    broken = [name for name, value in values.items() if isinstance(value, str) and "\n" in value]
    return all(name in fields and isinstance(fields[name].widget, forms.Textarea) for name in broken)


def _plain(field: forms.Field, value: Sequence[Any]) -> list[Any]:
    """The list as its field gives it back."""
    if not isinstance(field, LabelsField):
        return [list(one) if isinstance(one, list | tuple) else one for one in value]
    named = [{"name": one} if isinstance(one, str) else one for one in value]
    return [{part: text for part, text in one.items() if text} for one in named]


def _turned(data: Any, prefix: str) -> tuple[Any, bool]:
    """What was sent, with the settings of the kind that was chosen: those that both kinds have alike stay."""
    kind, before = data.get(f"{prefix}-kind"), data.get(f"{prefix}-settings_of")
    if not before or before == kind or before not in KINDS or kind not in KINDS:
        return data, False
    data = data.copy()
    old = settings.schema_of(before)
    for name, schema in settings.schema_of(kind).items():
        if not settings.alike(old.get(name), schema):
            _reset(data, f"{prefix}-{name}", schema.get("default"))
    if not KINDS[before].judged:
        data[f"{prefix}-scored"] = "on"
    data[f"{prefix}-settings_of"] = kind
    return data, True


def _reset(data: Any, name: str, default: Any) -> None:
    data.pop(name, None)
    if default is True:
        data[name] = "on"
    elif default not in (None, False, "", []):
        data[name] = str(default)
