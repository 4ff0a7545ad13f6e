"""What the forms for writing to others share: a field of words."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from crowd.talk import writing

NEEDED = {"required": gettext_lazy("Please write something.")}
PLAIN = gettext_lazy("Plain text. Nothing in it becomes a link.")


def words(label: Any, *, rows: int, most: int = writing.MAX_TEXT, says: Any = "") -> forms.CharField:
    """Several lines of plain text. `label`, `says` (what stands below): text, also one that is translated later."""
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=most, help_text=says, error_messages=NEEDED, widget=area)
