"""What all forms share: faults of services stand beside the fields that they are about."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict

from crowd.kernel.errors import CrowdError

MAX_KEY = 40  # no service takes fewer


class Needed:
    """Of a field that is not always needed but is not optional either: the form says when, and the label nothing."""

    conditional = True


class NeededChar(Needed, forms.CharField):
    pass


class NeededChoice(Needed, forms.ChoiceField):
    pass


class NeededNumber(Needed, forms.FloatField):
    pass


class PageForm(forms.Form):
    """`use_required_attribute` is off: the server answers, in words, beside the field."""

    use_required_attribute = False
    template_name_label = "django/forms/label.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Runs a service; what it refuses becomes a fault of this form: `if form.is_valid(): with form.answering():`"""
        try:
            yield
        except CrowdError as error:
            self.blame(error)

    def blame(self, error: CrowdError) -> None:
        for place, sentence in error.places.items():
            name = place.split("[")[0].split(".")[0]
            self.add_error(name if name in self.fields else None, sentence)
        if not error.places:
            self.add_error(None, str(error.message))


class Keyed(PageForm):
    """Something new is written or set aside; the page is made with a key of its own, so that two sendings are one."""

    key = forms.CharField(max_length=MAX_KEY, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, initial: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, initial={"key": uuid4().hex} | (initial or {}), **kwargs)

    def add_error(self, field: str | None, error: Any) -> None:
        """What was refused was not done. Sent again after a look at why, it is something new and gets a new key."""
        super().add_error(field, error)
        if isinstance(self.data, QueryDict):
            given = self.data.copy()
            given[self.add_prefix("key")] = uuid4().hex
            self.data = given


class QuietForm(PageForm):
    """A form that can be drawn anew, with one row more, without a word about what is not filled in yet."""

    quiet = False

    @property
    def errors(self) -> ErrorDict:
        return ErrorDict() if self.quiet else super().errors
