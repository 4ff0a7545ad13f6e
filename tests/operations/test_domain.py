"""Whatever is done in whatever order, the model and the database agree (tests.operations.domain).

    DOMAIN_RUNS=2000 .venv/bin/python -m tests tests/operations/test_domain.py

looks further than the suite has time for.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.operations.domain import Domain

RUNS = int(os.environ.get("DOMAIN_RUNS", "0"))


@pytest.mark.django_db
def test_whatever_is_done_in_whatever_order_the_model_agrees() -> None:
    run_state_machine_as_test(
        Domain,
        settings=settings(
            max_examples=RUNS or 8,
            stateful_step_count=40,
            deadline=None,
            derandomize=not RUNS,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=list(Phase) if RUNS else [Phase.generate],
        ),
    )
