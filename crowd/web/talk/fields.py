"""What the forms for writing to others share: a field of words, and the key that makes of two sendings one."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy

from crowd.talk import writing
from crowd.web.forms import PageForm

NEEDED = {"required": gettext_lazy("Please write something.")}
PLAIN = gettext_lazy("Plain text. Nothing in it becomes a link.")


def words(label: Any, *, rows: int, most: int = writing.MAX_TEXT, says: Any = "") -> forms.CharField:
    """Several lines of plain text. `label`, `says` (what stands below): text, also one that is translated later."""
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=most, help_text=says, error_messages=NEEDED, widget=area)


class Keyed(PageForm):
    """Something new is written; the page is made with a key of its own."""

    key = forms.CharField(max_length=writing.MAX_KEY, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, initial: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, initial={"key": uuid4().hex} | (initial or {}), **kwargs)
