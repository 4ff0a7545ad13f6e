"""`manage.py simulate`: the bars of quiz, gold and pauses, in the marketplace's own services."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.check import all_is_well

pytestmark = pytest.mark.django_db(transaction=True)
CROWD = "good=9,spammer=3"


def simulate(*options: str) -> dict[str, Any]:
    out = StringIO()
    call_command("simulate", "--json", *options, stdout=out)
    figures: dict[str, Any] = json.loads(out.getvalue())
    return figures


def groups(figures: dict[str, Any]) -> dict[str, Any]:
    return {one["kind"]: one for one in figures["with_spammers"]["groups"]}


def test_spammers_are_paused_early_good_workers_are_not_and_the_same_seed_says_the_same() -> None:
    options = ("--crowd", CROWD, "--items", "60", "--gold", "30", "--seed", "3", "--alone")
    first, again = simulate(*options), simulate(*options)
    found = groups(first)
    assert found["spammer"]["paused"] == 3
    assert found["spammer"]["answers_until_pause"] <= 15
    assert found["good"]["paused"] == 0
    assert first["with_spammers"]["false_pauses"] == 0
    assert first["with_spammers"]["quiz_mark"] == 4
    assert first["with_spammers"]["with_consensus"] == 60
    assert first["with_spammers"]["ledger_balanced"] is True
    assert {**first, "seconds": 0} == {**again, "seconds": 0}
    all_is_well()


def test_a_crowd_that_is_none_is_refused() -> None:
    with pytest.raises(CommandError, match="good=24"):
        simulate("--crowd", "heroes=3")
