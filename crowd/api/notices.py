"""What I was told, and how I am told it."""

from dataclasses import replace
from typing import Any

from rest_framework import serializers

from crowd.api.body import Filters, Input
from crowd.api.deeds import SESSION, Call, Endpoint, deed
from crowd.api.fields import Facts, Time, ids
from crowd.api.paging import Page
from crowd.notices import queries
from crowd.notices.services import reading
from crowd.notices.states import Audience, How
from crowd.users.states import Scope


class NoticeOut(Facts):
    """`title` and `text` are in the language of the request; `link` is a path of this site."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()
    link = serializers.CharField()
    created_at = Time()
    read_at = Time(allow_null=True)


class NoticeFilters(Filters):
    unread = serializers.BooleanField(required=False, default=False)


class Marks(Input):
    """Without `notices`: all of them."""

    notices = ids(required=False)


class Marked(Facts):
    marked = serializers.IntegerField(help_text="How many were not read before.")


class ChoiceOut(Facts):
    kind = serializers.CharField(source="name")
    audience = serializers.ChoiceField(choices=Audience.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    how = serializers.ChoiceField(choices=How.choices)
    must = serializers.BooleanField(help_text="Always told on the site: `none` is refused.")


class NewChoices(Input):
    choices = serializers.DictField(
        child=serializers.ChoiceField(choices=How.choices), help_text="Kind to how I am told of it."
    )


class Notices(Endpoint):
    @deed("What I was told, newest first", scope=Scope.READ, filters=NoticeFilters, gives=NoticeOut, pages=True)
    def get(self, call: Call) -> Page:
        page = call.page.of(queries.notices_of(call.user, **call.filters))
        return replace(page, rows=[queries.read(one) for one in page.rows])


class ReadMarks(Endpoint):
    @deed("Mark notices as read", scope=SESSION, takes=Marks, gives=Marked)
    def post(self, call: Call) -> dict[str, Any]:
        return {"marked": reading.mark_read(user=call.user, notice_ids=call.data.get("notices"))}


class Choices(Endpoint):
    @deed("How I am told, by kind", scope=Scope.READ, gives=ChoiceOut, many=True)
    def get(self, call: Call) -> list[queries.Choice]:
        return queries.choices_of(call.user)

    @deed("Choose how I am told", scope=SESSION, takes=NewChoices, gives=ChoiceOut, many=True)
    def patch(self, call: Call) -> list[queries.Choice]:
        reading.choose(user=call.user, **call.data)
        return queries.choices_of(call.user)
