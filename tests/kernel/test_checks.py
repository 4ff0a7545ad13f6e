"""A site for others does not start half set up: each missing piece is named."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import override_settings

READY: dict[str, Any] = {
    "CROWD_LOCAL": False,
    "CROWD_URL": "https://labels.example.org",
    "CROWD_OPERATOR_NAME": "Example Cooperative",
    "CROWD_OPERATOR_ADDRESS": "1 Example Street",
    "CROWD_CLOCK_MAY_SHIFT": False,
    "CROWD_DEMO": False,
}


@pytest.fixture
def texts(tmp_path: Path) -> dict[str, str]:
    for name in ("terms", "privacy"):
        (tmp_path / name).write_text("Some text.")
    return {"CROWD_TERMS_FILE": str(tmp_path / "terms"), "CROWD_PRIVACY_FILE": str(tmp_path / "privacy")}


def errors(**changes: Any) -> list[tuple[str, str]]:
    with override_settings(**changes):
        found = run_checks(include_deployment_checks=True)
    return [(str(each.id), each.msg) for each in found if str(each.id).startswith("kernel.E")]


def test_a_complete_site_passes(texts: dict[str, str]) -> None:
    assert errors(**READY, **texts) == []


@pytest.mark.parametrize(
    ("change", "number", "named"),
    [
        ({"CROWD_OPERATOR_NAME": ""}, "E001", "CROWD_OPERATOR_NAME"),
        ({"CROWD_OPERATOR_ADDRESS": ""}, "E001", "CROWD_OPERATOR_ADDRESS"),
        ({"CROWD_TERMS_FILE": ""}, "E001", "CROWD_TERMS_FILE"),
        ({"CROWD_PRIVACY_FILE": "/nowhere/privacy.md"}, "E002", "/nowhere/privacy.md"),
        ({"SECRET_KEY": ""}, "E003", "CROWD_SECRET_KEY"),
        ({"CROWD_MASTER_KEY": ""}, "E004", "CROWD_MASTER_KEY"),
        ({"CROWD_URL": "http://labels.example.org"}, "E005", "https"),
        ({"CROWD_LOCAL": True}, "E005", "this machine"),
        ({"CROWD_FEE_RATE": Decimal("-0.1")}, "E006", "CROWD_FEE_RATE"),
        ({"CROWD_CURRENCIES": ["dollars"]}, "E006", "CROWD_CURRENCIES"),
        ({"CROWD_APPEAL_DAYS": 1000}, "E006", "CROWD_APPEAL_DAYS"),
        ({"CROWD_CLOCK_MAY_SHIFT": True}, "E007", "CROWD_CLOCK_MAY_SHIFT"),
        ({"CROWD_DEMO": True}, "E007", "CROWD_DEMO"),
        ({"STATICFILES_FINDERS": []}, "E008", "scripts"),
    ],
)
def test_a_missing_piece_is_named(texts: dict[str, str], change: dict[str, Any], number: str, named: str) -> None:
    ((found, message),) = errors(**READY | texts | change)

    assert found == f"kernel.{number}"
    assert named in message
