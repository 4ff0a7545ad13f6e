"""Times are kept in UTC and shown in the reader's zone, which the page writes into a cookie."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

COOKIE = "zone"


class ReaderZoneMiddleware:
    """Shows times in the zone that the cookie `zone` names ("Europe/Berlin"); else, or if unknown, in UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.known = available_timezones()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.COOKIES.get(COOKIE, "")
        zone = ZoneInfo(name) if name in self.known else None
        with timezone.override(zone):
            return self.get_response(request)
