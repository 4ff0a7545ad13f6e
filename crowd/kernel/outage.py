"""A stopped database or broker is said plainly: no page about an internal error, no log full of tracebacks."""

import logging
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError as BrokerError

log = logging.getLogger(__name__)
# SQLSTATE classes of a server that goes away or has no room (08, 53, 57P); a deadlock, 40P01, is no outage.
GONE = ("08", "53", "57P")


class OutageMiddleware:
    """Turns a lost database connection into 503 with Retry-After; every transaction under way was rolled back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Of a view; what a middleware raises reaches the site's handler500, which says it in the same words."""
        if not is_outage(exception):
            return None
        log.error("The database does not answer: %s", exception)
        return said_plainly(request)


def is_outage(error: BaseException) -> bool:
    """Whether the error means that the database cannot be reached, rather than that it refused a statement."""
    if isinstance(error, InterfaceError):
        return True
    code = getattr(error.__cause__, "sqlstate", None)
    return isinstance(error, OperationalError) and (code is None or code.startswith(GONE))


class PlainOutages(logging.Filter):
    """One line for each failure that an outage explains, without the stack: the code that met it is not at fault."""

    def filter(self, record: logging.LogRecord) -> bool:
        part = _silent_part(record.exc_info[1] if record.exc_info else None)
        if part:
            first = record.getMessage().partition("\n")[0]
            record.msg, record.args = "The %s does not answer, what is due now is done later. %s", (part, first)
            record.exc_info = record.exc_text = record.stack_info = None
        return True


def _silent_part(error: BaseException | None) -> str:
    """Which part's outage this is, or was raised from; empty for every other failure.

    What merely happened while an outage was dealt with is a fault of its own, unless it is the database's again.
    """
    while error is not None:
        if isinstance(error, BrokerError):
            return "broker"
        if is_outage(error):
            return "database"
        again = isinstance(error, DatabaseError) and not error.__suppress_context__
        error = error.__cause__ or (error.__context__ if again else None)
    return ""


def database_gone() -> str:
    return _("The database does not answer at the moment. Nothing was lost; please try again in a minute.")


def said_plainly(request: HttpRequest) -> HttpResponse:
    """Problem details for the API (RFC 9457), a page for browsers, and one sentence for whoever else asks."""
    sentence = database_gone()
    headers = {"Retry-After": "30"}
    if request.path.startswith("/api/"):
        body = {"type": "about:blank", "title": "Service Unavailable", "status": 503, "code": "unavailable"}
        return JsonResponse(
            {**body, "detail": sentence}, status=503, content_type="application/problem+json", headers=headers
        )
    if "text/html" in request.headers.get("Accept", ""):
        return HttpResponse(render_to_string("503.html", {"sentence": sentence}), status=503, headers=headers)
    return HttpResponse(sentence, status=503, content_type="text/plain; charset=utf-8", headers=headers)
