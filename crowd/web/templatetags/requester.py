"""Words and figures that only the requester's pages need."""

from typing import Any

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crowd.ledger.states import Kind
from crowd.web import markdown

register = template.Library()


@register.filter
def movement(kind: str) -> str:
    """A kind of transfer in words."""
    return str(Kind(kind).label)


@register.filter(name="markdown")
def markdown_filter(text: str) -> SafeString:
    return markdown.render(text or "", deepest=2)


@register.filter
def per_hundred(share: float | None) -> str:
    """0.934 as “93.4 %”, for figures that are compared with each other."""
    return "–" if share is None else f"{100 * share:.1f} %"


@register.filter
def decimals(value: float | None) -> str:
    """0.8123 as “0.81”."""
    return "–" if value is None else f"{value:.2f}"


@register.filter
def shade(share: float) -> str:
    """A share in [0, 1] as a whole percentage, for the strength of a cell's colour."""
    return str(round(100 * min(max(share, 0.0), 1.0)))


@register.filter
def cell(value: Any) -> str:
    """What stands in a cell of the requester's data, cut to what a table can show."""
    text = "" if value is None else str(value)
    return text if len(text) <= 120 else _("%(start)s …") % {"start": text[:117]}


@register.filter
def named(form: Any, name: str) -> BoundField | None:
    """The field of a form by its name, where the name is not known in the template."""
    return form[name] if name in form.fields else None


@register.filter
def seconds(milliseconds: int) -> float:
    return milliseconds / 1000
