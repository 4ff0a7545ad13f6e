"""The time of a page: asked of the database once, however many times stand on it."""

from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from crowd.kernel import clock

_asked: ContextVar[list[datetime] | None] = ContextVar("page_time", default=None)


class PageTime:
    """Middleware: within one request the time stands still for what is shown; services ask for themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _asked.set([])
        try:
            return self.get_response(request)
        finally:
            _asked.reset(token)


def now() -> datetime:
    """Outside of a request the time of the moment."""
    asked = _asked.get()
    if asked is None:
        return clock.now()
    if not asked:
        asked.append(clock.now())
    return asked[0]
