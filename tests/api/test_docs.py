"""The schema says what the API is, and the page shows it without anything from elsewhere."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from crowd.api import urls
from tests.api.cases import CASES


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """As the command writes it; any doubt that it has fails the test."""
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def test_the_schema_is_valid_and_knows_every_address(schema: dict[str, Any]) -> None:
    operations = [one for path in schema["paths"].values() for one in path.values()]

    assert len(operations) == len(CASES) + 3  # and media, record-key, label-config-schema
    assert len({one["operationId"] for one in operations}) == len(operations)
    assert "| `heavy` | 30/min |" in schema["info"]["description"]


def test_every_operation_says_its_scope_and_its_errors(schema: dict[str, Any]) -> None:
    for path, methods in schema["paths"].items():
        for method, one in methods.items():
            assert "Scope: `" in one["description"], path
            problem = one["responses"]["404"]["content"]["application/problem+json"]["schema"]
            assert problem == {"$ref": "#/components/schemas/Problem"}, path
            headers = [parameter["name"] for parameter in one.get("parameters", []) if parameter["in"] == "header"]
            assert headers == (["Idempotency-Key"] if method == "post" else []), path


def test_ids_in_addresses_are_numbers(schema: dict[str, Any]) -> None:
    (parameter,) = schema["paths"]["/api/v1/projects/{project_id}/"]["get"]["parameters"]

    assert parameter["schema"]["type"] == "integer"


def test_every_address_is_in_the_table_of_addresses_once() -> None:
    names = [pattern.name for pattern in urls.urlpatterns]

    assert len(names) == len(set(names))


@pytest.mark.django_db
def test_the_page_brings_all_that_it_needs(anybody: APIClient) -> None:
    page = anybody.get("/api/v1/docs/")
    policy = page["Content-Security-Policy"]

    assert page.status_code == 200
    assert b"://" not in page.content.replace(b"http://testserver", b"")
    assert "'unsafe-inline'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in anybody.get("/healthz")["Content-Security-Policy"].split("style-src-attr")[0]


@pytest.mark.django_db
def test_the_schema_can_be_read_by_anybody(anybody: APIClient) -> None:
    answer = anybody.get("/api/v1/schema/", HTTP_ACCEPT="application/vnd.oai.openapi+json")

    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.")
