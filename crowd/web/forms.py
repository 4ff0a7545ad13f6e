"""What all forms share: faults of services stand beside the fields that they are about."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms

from crowd.kernel.errors import CrowdError
from crowd.web.errors import faults


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
        places = faults(error)
        for place, sentence in places.items():
            name = place.split("[")[0].split(".")[0]
            self.add_error(name if name in self.fields else None, sentence)
        if not places:
            self.add_error(None, str(error.message))
