"""What every address of the API says about itself, once for each method: who may, how often, what goes in and out.

    class Projects(Endpoint):
        @deed("Make a draft", scope=Scope.PROJECTS, takes=NewProject, gives=ProjectOut, status=201)
        def post(self, call: Call) -> Project:
            return draft.create(actor=call.user, **call.data)

The method gets a `Call` and the ids of the address, and returns what `gives` shows. The decorator reads and checks
the input, keeps idempotency keys, renders, and writes the entry of the OpenAPI schema.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from crowd.api import schema
from crowd.api.body import FileForm, Filters, Input, StrictJson, read, read_names
from crowd.api.errors import WrongMediaType, handler
from crowd.api.paging import Asked, Page, Paging, asked
from crowd.api.schema import ANYBODY, SESSION
from crowd.api.sign_in import SIGN_IN, key_of, user_of
from crowd.api.throttles import Rate, told
from crowd.kernel import idempotency
from crowd.kernel.errors import NotAllowed
from crowd.users.models import User
from crowd.users.states import Scope
from workers.access import worker_for
from workers.models import Worker

RATES = {Scope.WORK: "work", Scope.MONEY: "money"}


class ScopeMissing(NotAllowed):
    """`scope` in the data is what the key would need; "session" means that no key may."""

    code = "scope_missing"


@dataclass(frozen=True)
class Call:
    """One request, read and checked."""

    request: Request
    data: dict[str, Any] = field(default_factory=dict)
    filters: dict[str, Any] = field(default_factory=dict)
    page: Asked = field(default_factory=lambda: Asked(None, 50))

    @property
    def user(self) -> User:
        return user_of(self.request)

    @cached_property
    def worker(self) -> Worker:
        """Raises NotAllowed when the login is no worker."""
        found: Worker | None = getattr(self.user, "worker", None)  # it came with the key or the session
        return found or worker_for(self.user)


@dataclass(frozen=True, kw_only=True)
class Deed:
    """What one method of one address says about itself."""

    summary: str
    scope: str
    rate: str
    takes: type[Input] | None = None
    raw: bool = False  # only the names of `takes` are checked: the service reads the values, and names what is wrong
    filters: type[Filters] | None = None
    gives: type[serializers.BaseSerializer[Any]] | None = None
    many: bool = False
    pages: bool = False
    status: int = 200
    files: tuple[str, ...] = ()  # the types of the file that it answers with

    def read(self, request: Request) -> Call:
        query = read(self.query_type(), request.query_params) if request.method in SAFE_METHODS else {}
        page = asked(query) if self.pages else Asked(None, 50)
        data = self._data(request) if self.takes else {}
        return Call(request=request, data=data, filters=query, page=page)

    def _data(self, request: Request) -> dict[str, Any]:
        assert self.takes is not None
        return read_names(self.takes, request.data) if self.raw else read(self.takes, request.data)

    def query_type(self) -> type[Filters]:
        return schema.query(self.filters, Paging if self.pages else None)

    def shown(self, result: Any) -> Any:
        if isinstance(result, Page):
            return {"results": self._shown(result.rows, many=True), "next": result.next}
        return self._shown(result, many=self.many)

    def _shown(self, result: Any, *, many: bool) -> Any:
        return None if self.gives is None else self.gives(result, many=many).data


Method = Callable[..., Any]


def deed(
    summary: str,
    *,
    scope: str,
    rate: str = "",
    **facts: Any,
) -> Callable[[Method], Method]:
    """See the module's head and `Deed`. `rate` is "read" for GET and follows from the scope else, unless it is said."""

    def decorate(function: Method) -> Method:
        usual = "read" if function.__name__ == "get" else RATES.get(scope, "write")  # type: ignore[call-overload]
        said = Deed(summary=summary, scope=scope, rate=rate or usual, **facts)

        @wraps(function)
        def answer(view: "Endpoint", request: Request, **place: Any) -> HttpResponseBase:
            if request.method == "POST" and "Idempotency-Key" in request.headers:
                return _once(said, view, request, lambda: function(view, said.read(request), **place))
            return _respond(said, function(view, said.read(request), **place))

        answer.deed = said  # type: ignore[attr-defined]
        return extend_schema(**schema.entry(said, function))(answer)

    return decorate


class HasScope(BasePermission):
    """Signed in, and with a key only what the key is for."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        key, said = key_of(request), deed_of(view, request.method)
        if said is not None and said.scope == ANYBODY:
            return True
        if not user_of(request).is_authenticated:
            return False
        if key is not None and said is not None and said.scope not in key.scopes:
            raise ScopeMissing(scope=said.scope)
        return True


class AlwaysJson(BaseContentNegotiation):
    """Whatever the program says it accepts, it is answered; files say themselves what they are."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        named = (request.content_type or "").split(";")[0].strip()
        found = next((one for one in parsers if named == one.media_type), None)
        if found is None:
            known = ", ".join(one.media_type for one in parsers)
            raise WrongMediaType(_("The header Content-Type must be one of: %(known)s.") % {"known": known})
        return found

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class Endpoint(APIView):
    """One address. Its methods are deeds; what has none is not answered."""

    authentication_classes = SIGN_IN
    permission_classes = [HasScope]
    parser_classes = [StrictJson]
    renderer_classes = [JSONRenderer]
    content_negotiation_class = AlwaysJson
    metadata_class = None  # OPTIONS tells nothing: the schema does
    rates: Sequence[Rate] = ()  # that this request counted for

    def get_throttles(self) -> list[Any]:
        self.rates = [Rate(kind) for kind in self.rate_kinds()]
        return [*self.rates]

    def rate_kinds(self) -> list[str]:
        said = deed_of(self, self.request.method)
        return [said.rate] if said else []

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """What is somebody's own stays in no cache; files say themselves how long they are good."""
        response.headers.setdefault("Cache-Control", "no-store")
        for name, value in told(self.rates).items():
            response.headers[name] = value
        return super().finalize_response(request, response, *args, **kwargs)

    def get_exception_handler(self) -> Any:
        return handler


class FormEndpoint(Endpoint):
    """An address that takes a file."""

    parser_classes = [FileForm, StrictJson]


def deed_of(view: APIView, method: str | None) -> Deed | None:
    found: Deed | None = getattr(getattr(view, (method or "").lower(), None), "deed", None)
    return found


def _respond(said: Deed, result: Any) -> HttpResponseBase:
    if isinstance(result, HttpResponseBase):
        return result
    return Response(said.shown(result), status=said.status)


def _once(said: Deed, view: "Endpoint", request: Request, work: Callable[[], Any]) -> HttpResponseBase:
    """The stored response where this key was used before; else the work is done and its response is stored."""
    done = idempotency.once(
        scope=f"user:{user_of(request).pk}",
        key=request.headers["Idempotency-Key"],
        request_digest=idempotency.digest(method="POST", path=request.path, body=_canonical(request.data)),
        call=lambda: idempotency.Stored(said.status, said.shown(work())),
    )
    return Response(done.body, status=done.status)


def _canonical(data: Any) -> bytes:
    """The same bytes for the same input, files by what is in them."""
    if hasattr(data, "lists"):
        data = {name: [_fingerprint(value) for value in values] for name, values in data.lists()}
    return json.dumps(data, sort_keys=True, default=str).encode()


def _fingerprint(value: Any) -> Any:
    if not isinstance(value, UploadedFile):
        return value
    found = hashlib.sha256()
    for chunk in value.chunks():
        found.update(chunk)
    value.seek(0)
    return [value.name, value.size, found.hexdigest()]


__all__ = ["ANYBODY", "SESSION", "Call", "Endpoint", "FormEndpoint", "deed", "deed_of"]
