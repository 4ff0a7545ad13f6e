"""The OpenAPI schema: what drf-spectacular cannot see by itself."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers

from crowd.api.body import Filters
from crowd.api.errors import MEDIA_TYPE
from crowd.api.paging import Paging

if TYPE_CHECKING:
    from crowd.api.deeds import Deed

GUIDE = Path(__file__).parent / "guide.md"
ANYBODY = "anybody"  # instead of a scope: the address itself is the key
SESSION = "session"  # instead of a scope: no API key may, only a person who is signed in
AUTH: dict[str, list[dict[str, list[str]]]] = {ANYBODY: [], SESSION: [{"cookieAuth": []}]}
KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="The same key sent again gives the same response, and nothing happens twice.",
)


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "crowd.api.sign_in.KeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An API key: ck_..."}


def introduced(result: dict[str, Any], **_options: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: the schema begins with the guide, as this site's rates are."""
    rates = "\n".join(f"| `{kind}` | {rate} |" for kind, rate in settings.CROWD_API_RATES.items())
    result["info"]["description"] = GUIDE.read_text(encoding="utf-8").replace("{rates}", rates)
    return result


class Problem(serializers.Serializer[Any]):
    """What went wrong (RFC 9457). Errors carry further figures beside these, each its own."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="For people.")
    code = serializers.CharField(help_text="For programs; does not change.")
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.CharField(), required=False, help_text="Place in the input to what is wrong with it."
    )


def entry(said: "Deed", function: Callable[..., Any]) -> dict[str, Any]:
    """The keyword arguments of `extend_schema` for one deed."""
    method = function.__name__
    scope = f"Scope: `{said.scope}`."
    return {
        "operation_id": name_of(function),
        "summary": said.summary,
        "description": "\n\n".join(part for part in (function.__doc__, scope) if part),
        "tags": [function.__module__.rpartition(".")[2].replace("_", " ")],
        "request": said.takes,
        **({"auth": AUTH[said.scope]} if said.scope in AUTH else {}),
        "parameters": _parameters(said, method),
        "responses": {**_good(said), **_bad(method)},
    }


@cache
def query(filters: type[Filters] | None, paging: type[Filters] | None) -> type[Filters]:
    """The two together: everything that may stand after the question mark."""
    bases = tuple(base for base in (filters, paging) if base) or (Filters,)
    return bases[0] if len(bases) == 1 else type(f"{bases[0].__name__}Page", bases, {})


def _parameters(said: "Deed", method: str) -> list[Any]:
    if method == "get" and (said.filters or said.pages):
        return [query(said.filters, Paging if said.pages else None)]
    return [KEY] if method == "post" else []


def name_of(function: Callable[..., Any]) -> str:
    """Projects.post -> "post_projects"."""
    owner, method = function.__qualname__.split(".")
    return f"{method}_{re.sub('(?<!^)(?=[A-Z])', '_', owner).lower()}"


def _good(said: "Deed") -> dict[Any, Any]:
    if said.files:
        return {(said.status, kind): OpenApiTypes.BINARY for kind in said.files}
    if said.gives is None:
        return {said.status: None}
    if said.pages:
        row: Any = said.gives
        return {said.status: _page(row)}
    return {said.status: said.gives(many=said.many)}


@cache
def _page(row: Any) -> serializers.Serializer[Any]:
    fields = {"results": row(many=True), "next": serializers.CharField(allow_null=True)}
    return inline_serializer(f"{row.__name__}Page", fields)


def _bad(method: str) -> dict[Any, Any]:
    """400 also for what stands in the address; 404 also for what belongs to others; 409 for what came too late;
    413 and 415 for a body that is too large, or of another type."""
    sent = [409, 413, 415, 422] if method != "get" else []
    statuses = sorted([400, 401, 403, 404, 429, 503, *sent])
    return {(status, MEDIA_TYPE): Problem for status in statuses}
