"""Times are kept in UTC and shown in the reader's zone, which the page writes into a cookie."""

from collections.abc import Callable
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

COOKIE = "zone"
known_zones = cache(available_timezones)  # it reads every file of the zone database


class ReaderZoneMiddleware:
    """Shows times in the zone that the cookie `zone` names ("Europe/Berlin"); else, or if unknown, in UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.COOKIES.get(COOKIE, "")
        zone = ZoneInfo(name) if name in known_zones() else None
        with timezone.override(zone):
            return self.get_response(request)
