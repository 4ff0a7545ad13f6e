"""A task as workers see it: the columns and files that they get, for staff who judge a project or an answer."""

from collections.abc import Mapping
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crowd.projects import shown
from crowd.projects.models import Task
from crowd.users.models import User
from crowd.web.files import media_address

LONGEST = 300


def by_workers(
    task: Task, config: Mapping[str, Any], reader: User, *, number: int = 1, at_once: bool = True
) -> SafeString:
    """Column by column, as a person reads it; pictures only a click away (not `at_once`) where the project warns."""
    pairs = [(name, value) for name, value in _columns(task, config, reader) if value not in (None, "")]
    told = ((name, _value(value, number, at_once)) for name, value in pairs)
    return format_html_join("", '<div><span class="muted">{}</span> {}</div>', told)


def _columns(task: Task, config: Mapping[str, Any], reader: User) -> list[tuple[str, Any]]:
    units = shown.payload(task, config=config, user=reader, address=media_address)["units"]
    names = [name for name in (config["data"].get("field"), config["data"].get("beside")) if name]
    return [(name, unit.get(name)) for unit in units for name in names or unit]


def _value(value: Any, number: int, at_once: bool) -> str | SafeString:
    if not (isinstance(value, dict) and "content_type" in value):
        return str(value)[:LONGEST]
    if at_once and str(value["content_type"]).startswith("image/"):
        alt = _("The item to label, number %(number)s") % {"number": number}
        return format_html(
            '<br><img src="{}" alt="{}" height="120" loading="lazy">', value.get("copy", value["media"]), alt
        )
    return format_html('<a href="{}">{}</a>', value["media"], _("open the file"))
