"""What a worker looks for in the list of work."""

from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crowd.kernel import money
from crowd.kernel.errors import BadInput
from crowd.web.forms import PageForm
from crowd.web.worker.offers import Line

DATA = {
    "": _("all"),
    "image": _("images"),
    "text": _("texts"),
    "audio": _("sound"),
    "video": _("films"),
    "row": _("rows of several columns"),
    "series": _("measurements over time"),
}


class FindForm(PageForm):
    """Of the query: `words` in title, description or the requester's name; `kind`, of its data; `hourly`, at least."""

    words = forms.CharField(label=pgettext_lazy("looked for", "Words"), required=False, max_length=100)
    kind = forms.ChoiceField(label=_("Items"), required=False, choices=list(DATA.items()))
    hourly = forms.CharField(
        label=_("An hour, at least"),
        required=False,
        max_length=20,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )

    def clean_hourly(self) -> int | None:
        """Micros of whatever currency a project pays in."""
        text = self.cleaned_data["hourly"].strip().replace(",", ".")
        try:
            return money.parse(text) if text else None
        except BadInput as error:
            raise forms.ValidationError(str(error.message)) from error

    def among(self) -> Q:
        """Which projects are looked at. What is typed wrong leaves nothing out."""
        found, given = Q(), getattr(self, "cleaned_data", {})
        for word in given.get("words", "").split():
            found &= Q(title__icontains=word) | Q(description__icontains=word) | Q(organisation__name__icontains=word)
        if kind := given.get("kind"):
            found &= Q(config__config__data__kind=kind)
        return found

    def fits(self, line: Line) -> bool:
        """By what was measured; before anything was, by what is expected."""
        least = getattr(self, "cleaned_data", {}).get("hourly")
        return not least or (line.hourly_micros or line.expected_hourly_micros or 0) >= least

    @property
    def query(self) -> str:
        """What is looked for, as part of an address."""
        query = QueryDict(mutable=True)
        query.update({name: value for name in self.fields if (value := str(self.data.get(name, "")).strip())})
        return query.urlencode()


def find_form(given: Any) -> FindForm:
    form = FindForm(given)
    form.is_valid()
    return form
