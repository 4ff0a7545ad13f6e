"""What the OpenAPI schema says of one address: whether what was sent and what came back are of that form."""

import re
from fnmatch import fnmatch
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator, FormatChecker

FORMATS = FormatChecker()


def untold(method: str, route: str, answer: Any) -> list[str]:
    """What in the answer is other than the schema says, each with its place; a field that it does not name, too."""
    said = operation(method, route)["responses"][str(answer.status_code)].get("content", {})
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    if kind != "application/json" or kind not in said:
        empty = not said and not getattr(answer, "content", b"")
        return [] if empty or any(fnmatch(kind, one) for one in said) else [f"{kind} instead of {[*said]}"]
    return faults(strict(said[kind]["schema"]), answer.json())


def unasked(method: str, route: str, body: Any) -> list[str]:
    """The same of a body of JSON that was taken."""
    said = operation(method, route).get("requestBody", {"content": {}})["content"]
    return faults(strict(said["application/json"]["schema"]), body) if "application/json" in said else []


@cache
def schema() -> dict[str, Any]:
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return found


def operation(method: str, route: str) -> dict[str, Any]:
    """route: as Django writes it, `api/v1/projects/<id:project_id>/`."""
    found: dict[str, Any] = schema()["paths"]["/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)][method]
    return found


def strict(said: Any) -> Any:
    """A part of OpenAPI 3.0 as JSON Schema, references resolved; objects have no field that they do not name."""
    if isinstance(said, list):
        return [strict(one) for one in said]
    if not isinstance(said, dict):
        return said
    if "$ref" in said:
        return strict(schema()["components"]["schemas"][said["$ref"].rpartition("/")[2]])
    found = {name: strict(inner) for name, inner in said.items() if name != "nullable"}
    if "properties" in said:
        found["properties"] = {name: strict(inner) for name, inner in said["properties"].items()}
        found.setdefault("additionalProperties", False)
    return {"anyOf": [found, {"type": "null"}]} if said.get("nullable") is True else found


def faults(said: Any, value: Any) -> list[str]:
    found = Draft202012Validator(said, format_checker=FORMATS).iter_errors(value)
    return [f"{one.json_path}: {one.message}"[:300] for one in found]
