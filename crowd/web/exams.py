"""The form by which requesters and staff make a test of a qualification."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.kernel.errors import BadInput
from crowd.labeling import strict_json
from crowd.users.models import User
from crowd.web.forms import PageForm
from qualifications.services import tests

SHORT = {"class": "short"}
OWN = ("pass_mark", "draw")  # places that are fields of the form
PARTS = {"config", "items", "mapping", "draw"}


class ExamForm(PageForm):
    """A test written out; its rules. What is wrong with the test itself is said beside `written`, with the place."""

    written = forms.CharField(
        label=gettext_lazy("Test (JSON)"),
        help_text=gettext_lazy(
            "An object with “config”, a label config, and “items”, each with “payload” and “key”; perhaps with "
            "“points”, an “explanation” and a “pool”. Beside them there may be a “mapping” of points to value."
        ),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "mono"}),
    )
    pass_mark = forms.IntegerField(
        label=gettext_lazy("Passed from, of 100"),
        min_value=0,
        max_value=100,
        initial=80,
        widget=forms.NumberInput(attrs=SHORT),
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Time, minutes"),
        min_value=1,
        max_value=24 * 60,
        initial=15,
        widget=forms.NumberInput(attrs=SHORT),
    )
    retry_days = forms.IntegerField(
        label=gettext_lazy("May be tried again after so many days"),
        required=False,
        min_value=0,
        max_value=5 * 365,
        help_text=gettext_lazy("Empty: one try for ever."),
        widget=forms.NumberInput(attrs=SHORT),
    )
    draw = forms.IntegerField(
        label=gettext_lazy("Each try draws so many of the questions"),
        required=False,
        min_value=1,
        max_value=tests.MOST_ASKED,
        help_text=gettext_lazy("So another try asks others. Empty: all of them, in order."),
        widget=forms.NumberInput(attrs=SHORT),
    )
    training = forms.BooleanField(
        label=gettext_lazy("A training: after each wrong answer the right one and its explanation are shown"),
        required=False,
    )


def create(
    given: Mapping[str, Any], *, actor: User, qualification_id: int, content: Mapping[str, Any] | None = None
) -> None:
    """Make the test that a filled in form says; `content` instead of what is written there.

    Raises BadInput, whose places are the form's fields, and as `create_test`.
    """
    made_of = dict(content or _read(given["written"]))
    rules = _rules(given, mapping=made_of.pop("mapping", None), draw=made_of.pop("draw", None))
    try:
        tests.create_test(actor=actor, qualification_id=qualification_id, rules=rules, **made_of)
    except BadInput as error:
        places = error.places or {"": str(error.message)}
        own = {name: words for name, words in places.items() if name in OWN}
        rest = "; ".join(f"{place}: {words}".lstrip(": ") for place, words in places.items() if place not in own)
        raise BadInput(errors=own | ({"written": rest} if rest else {})) from error


def _rules(given: Mapping[str, Any], *, mapping: Any, draw: Any) -> tests.Rules:
    again = given["retry_days"]
    return tests.Rules(
        pass_mark=given["pass_mark"],
        time_limit_s=given["minutes"] * 60,
        retry_delay_s=None if again is None else again * 24 * 3600,
        mapping=mapping or {},
        draw=given["draw"] or draw,
        training=given["training"],
    )


def _read(written: str) -> dict[str, Any]:
    """`config`, `items`, and perhaps `mapping` and `draw`."""
    try:
        value = strict_json.loads(written)
    except strict_json.JsonError as error:
        raise BadInput(errors={"written": str(error)}) from error
    if not isinstance(value, dict) or not {"config", "items"} <= value.keys() <= PARTS:
        raise BadInput(errors={"written": _("This must be an object with “config” and “items”.")})
    kinds = {"config": dict, "items": list, "mapping": dict, "draw": dict}
    if not all(isinstance(value[name], kind) for name, kind in kinds.items() if name in value):
        raise BadInput(errors={"written": _("“items” must be a list, the others objects.")})
    return value
