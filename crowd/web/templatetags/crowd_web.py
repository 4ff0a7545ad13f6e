"""How pages write money, times and shares: in the reader's language, the exact value always within reach."""

from datetime import datetime, timedelta
from typing import Any

from babel.dates import format_timedelta
from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crowd.assignments import offers
from crowd.kernel import money, speech
from crowd.web import markdown, page_time

register = template.Library()
TONES = {
    "good": (
        "accepted",
        "open",
        "confirmed",
        "granted",
        "active",
        "done",
        "overturned",
        "settled",
        "passed",
        "answered",
    ),
    "busy": (
        "submitted",
        "requested",
        "closing",
        "waiting",
        "running",
        "batched",
        "sent",
        "approved",
        "pending",
        "held",
        "taken",
    ),
    "warn": ("paused", "review", "expired", "returned"),
    "bad": ("upheld", "rejected", "failed", "refused", "blocked", "revoked", "released"),
}


@register.filter(name="money")
def money_filter(micros: int | None, currency: str) -> str:
    """$0.04, 0,04 €; as many digits as a reward below a cent needs, and test money by its code."""
    return "–" if micros is None else money.text(micros, currency)


@register.filter
def bare(sentence: str) -> str:
    """Without its full stop, where more follows on the line."""
    return str(sentence).removesuffix(".")


@register.filter
def round_money(micros: int | None, currency: str) -> str:
    """An estimate, such as an hourly rate, in whole coins."""
    return money_filter(None if micros is None else money.whole_minor(micros, currency), currency)


@register.filter
def counted(tasks: int) -> str:
    """Tasks left: beyond some number nobody counts."""
    return _("%(most)s+") % {"most": f"{offers.MOST:,}"} if tasks >= offers.MOST else f"{tasks:,}"


@register.filter(name="markdown")
def markdown_filter(text: str) -> SafeString:
    return markdown.render(text, deepest=2)


@register.simple_tag
def when(at: datetime | None) -> SafeString | str:
    """“3 minutes ago” with the exact time on hover; an em dash for never."""
    if at is None:
        return "–"
    local = timezone.localtime(at)
    exact = f"{formats.date_format(local, 'DATETIME_FORMAT')} {local:%Z}"
    ago = relative(at - page_time.now())
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact, ago)


@register.filter
def relative(by: timedelta) -> str:
    written: str = format_timedelta(by, add_direction=True, locale=speech.locale(), threshold=1.2)
    return written


@register.filter
def exact(at: datetime | None) -> str:
    """The date and time in the reader's zone, for paper."""
    return "–" if at is None else f"{timezone.localtime(at):%Y-%m-%d %H:%M %Z}"


@register.filter
def duration(seconds: float | None) -> str:
    """“2.9 s”, “12 min”, “1 h 12 min”, “7 days”."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    if whole < 100:
        tenths = seconds < 10 and seconds != whole
        return _("%(s)s s") % {"s": formats.number_format(seconds, 1) if tenths else whole}
    if whole < 3600:
        return _("%(m)s min") % {"m": round(whole / 60)}
    if whole < 2 * 86_400 and whole % 3600 < 60:
        return _("%(h)s h") % {"h": whole // 3600}
    if whole < 2 * 86_400:
        return _("%(h)s h %(m)02d min") % {"h": whole // 3600, "m": whole % 3600 // 60}
    days = round(whole / 86_400)
    return ngettext("%(d)s day", "%(d)s days", days) % {"d": days}


@register.filter
def percent(share: float | None) -> str:
    """0.934 as “93 %”; an em dash where there is nothing to divide by."""
    return "–" if share is None else f"{100 * share:.0f} %"


@register.filter
def share(part: float, whole: float) -> str:
    return css_number(100 * part / whole if whole else 0)


@register.filter
def css_percent(part: float) -> str:
    """A share from 0 to 1 in per cent, with a point, whatever the language."""
    return css_number(100 * part)


@register.filter
def css_number(value: float) -> str:
    """With a point, whatever the language: for style attributes."""
    return f"{min(100.0, max(0.0, float(value))):.2f}"


@register.filter
def tone(state: str) -> str:
    """The colour that repeats what the word of a state says."""
    return next((name for name, states in TONES.items() if state in states), "")


@register.simple_tag
def status(state: str, label: Any = "") -> SafeString:
    return format_html('<span class="status {}">{}</span>', tone(state), label or state)


@register.filter
def is_check(field: BoundField) -> bool:
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def is_group(field: BoundField) -> bool:
    return isinstance(field.field.widget, CheckboxSelectMultiple | RadioSelect)
