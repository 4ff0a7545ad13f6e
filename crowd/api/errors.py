"""Every error of the API becomes problem details (RFC 9457), here and nowhere else.

`{"type", "title", "status", "detail", "code"}`, `errors` (place to sentence) where something in the input is wrong, and
whatever figures the error carries. `code` is stable and for programs, `detail` is for people. Never a stack trace.
"""

import logging
import sys
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, Error, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import defaults
from kombu.exceptions import OperationalError as BrokerError
from rest_framework import exceptions
from rest_framework.response import Response

from crowd.kernel.errors import BadInput, CrowdError, NotAllowed, NotFound, TooMany, Unavailable
from crowd.kernel.outage import database_gone, is_outage, said_plainly
from crowd.labeling.errors import LabelingError

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
FIXED = ("type", "title", "status", "detail", "code")  # what an error's own figures may not overwrite


class TooLarge(BadInput):
    code = "too_large"
    status = 413


class WrongMediaType(BadInput):
    code = "unsupported_media_type"
    status = 415


class Busy(Unavailable):
    """Two requests were in each other's way and the database let one of them go: nothing happened."""

    code = "busy"


def handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """For DRF. None for what nobody expected: it is raised on, logged, and answered by `server_error`."""
    known = translate(error)
    if known is None:
        return None
    if known.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("%s: %s", known.code, error, exc_info=error)
    headers = {str(name): str(value) for name, value in getattr(error, "headers", {}).items()} | _headers(error, known)
    return Response(problem(known), status=known.status, headers=headers, content_type=MEDIA_TYPE)


def problem(error: CrowdError) -> dict[str, Any]:
    """The body. `errors` and the figures of the error stand beside the five fixed members."""
    figures = {name: value for name, value in error.data.items() if name not in FIXED}
    figures |= {"errors": error.places} if error.places else {}
    return {
        "type": "about:blank",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": str(error.message) if "errors" not in figures or error.message != error.default else _summed(figures),
        "code": error.code,
    } | figures


def translate(error: Exception) -> CrowdError | None:
    """Whatever was raised, as one of ours; None when it is a fault of the program."""
    if isinstance(error, CrowdError):
        return error
    if isinstance(error, LabelingError):
        return BadInput.of(error)
    if isinstance(error, exceptions.APIException):
        return _of_rest_framework(error)
    if isinstance(error, Error | BrokerError):
        return _of_database(error)
    return _of_django(error)


def server_error(request: HttpRequest) -> HttpResponse:
    """The site's handler500: problem details for programs, a page for people.

    A middleware that met a stopped database ends here too (the session is read before any view is reached).
    """
    error = sys.exc_info()[1]
    if error is not None and is_outage(error):
        return said_plainly(request)
    if not request.path.startswith("/api/"):
        return defaults.server_error(request)
    body = problem(_Fault())
    return JsonResponse(body, status=500, content_type=MEDIA_TYPE)


def places(detail: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """DRF's nested errors as (place, sentence): ("rows[3].key", "This must be text.")."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from places(inner, _inside(path, name))
    elif isinstance(detail, list | tuple):
        nested = any(isinstance(inner, Mapping | list | tuple) for inner in detail)
        for number, inner in enumerate(detail):
            yield from places(inner, f"{path}[{number}]" if nested else path)
    else:
        yield path, str(detail)


def _inside(path: str, name: Any) -> str:
    if isinstance(name, int):  # DRF counts the members of a list so
        return f"{path}[{name}]"
    if name == "non_field_errors":
        return path
    return f"{path}.{name}" if path else str(name)


class _Fault(CrowdError):
    code = "internal_error"
    status = 500
    default = "Something went wrong on our side. It was written down; please try again later."


class _Other(CrowdError):
    """What DRF raises by itself: 405, 406, 415."""

    def __init__(self, error: exceptions.APIException) -> None:
        super().__init__(str(error.detail))
        self.status = error.status_code
        self.code = error.default_code


class _NotSignedIn(NotAllowed):
    code = "not_signed_in"
    status = 401
    default = gettext_lazy("Sign in, or send an API key in the header “Authorization: Bearer ck_...”.")


def _of_rest_framework(error: exceptions.APIException) -> CrowdError:
    if isinstance(error, exceptions.ValidationError):
        found: dict[str, str] = {}
        for place, sentence in places(error.detail):
            found[place] = f"{found[place]} {sentence}" if place in found else sentence
        return BadInput(errors=found)
    if isinstance(error, exceptions.ParseError):
        return BadInput(str(error.detail))
    if isinstance(error, exceptions.NotAuthenticated):
        return _NotSignedIn()
    if isinstance(error, exceptions.AuthenticationFailed):
        return _NotSignedIn(str(error.detail))
    if isinstance(error, exceptions.PermissionDenied):
        return NotAllowed(str(error.detail))
    if isinstance(error, exceptions.NotFound):
        return NotFound()
    if isinstance(error, exceptions.Throttled):
        return TooMany(retry_after_s=int(getattr(error, "wait", 0) or 0) + 1)
    return _Other(error)


def _of_database(error: Exception) -> CrowdError | None:
    if isinstance(error, BrokerError):
        return Unavailable()
    if isinstance(error, OperationalError | InterfaceError):
        return Unavailable(database_gone()) if is_outage(error) else Busy()
    if isinstance(error, DataError):  # a number or a text that no column can hold
        return BadInput(_("A value is too large, or has characters that cannot be stored."))
    return None


def _of_django(error: Exception) -> CrowdError | None:
    if isinstance(error, RequestDataTooBig):
        return TooLarge(_("This request is too large."))
    if isinstance(error, Http404):
        return NotFound()
    if isinstance(error, PermissionDenied):
        return NotAllowed()
    if isinstance(error, SuspiciousOperation):
        return BadInput()
    return None


def _headers(error: Exception, known: CrowdError) -> dict[str, str]:
    headers: dict[str, str] = {}
    if isinstance(error, exceptions.APIException) and getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(error.auth_header)  # type: ignore[attr-defined]
    if known.status == Unavailable.status:
        headers["Retry-After"] = "1" if isinstance(known, Busy) else "30"
    if "retry_after_s" in known.data:
        headers["Retry-After"] = str(known.data["retry_after_s"])
    return headers


def _summed(figures: Mapping[str, Any]) -> str:
    """The sentences of all places, for who reads only `detail`."""
    return " ".join(f"{place}: {sentence}" if place else str(sentence) for place, sentence in figures["errors"].items())
