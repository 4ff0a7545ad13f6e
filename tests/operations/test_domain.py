"""Whatever is done in whatever order, the model and the database agree (tests.operations.domain).

    DOMAIN_RUNS=2000 .venv/bin/python -m tests tests/operations/test_domain.py

looks further than the suite has time for.
"""

import os

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from crowd.assignments.models import Assignment, Participation
from crowd.projects.models import Project, Task
from tests.lock_order import watched
from tests.operations.domain import Domain

RUNS = int(os.environ.get("DOMAIN_RUNS", "0"))


@pytest.mark.django_db
def test_a_lock_out_of_its_order_is_noticed() -> None:
    with watched() as watch:
        for models in ((Participation, Task), (Project, Assignment, Task), (Task, Participation), (Assignment, Task)):
            with transaction.atomic(durable=True):
                for model in models:
                    list(model.objects.select_for_update(no_key=True).order_by("id"))
    said = [breach.partition(":")[0] for breach in watch.breaches]
    assert said == ["assignments_participation after projects_task", "projects_task after assignments_assignment"]


@pytest.mark.django_db
@pytest.mark.timeout(0 if RUNS else 600)  # who looks further says himself how long
@override_settings(CROWD_HOLD_REJECTIONS_FROM=10**6)  # the model knows nothing of rejections that wait for staff
def test_whatever_is_done_in_whatever_order_the_model_agrees() -> None:
    with watched() as watch:
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
    assert watch.transactions > 100
    assert watch.breaches == []  # locks in the order of docs/concurrency.md
