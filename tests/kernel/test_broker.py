"""A job goes through the broker: the one in memory, and real Redis when CELERY_BROKER_URL names it."""

import re
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from django.conf import settings
from kombu import Connection

from crowd.celery import app
from crowd.kernel import folder_broker
from tests.job_worker import job_worker
from tests.operations.waiting import eventually

done: list[int] = []


@app.task(name="tests.note")
def note(number: int) -> None:
    done.append(number)


@pytest.mark.jobs
@pytest.mark.usefixtures("job_worker")
def test_every_job_that_is_sent_is_done() -> None:
    done.clear()

    for number in range(20):
        note.delay(number)

    assert eventually(lambda: len(done) >= 20)
    assert sorted(done) == list(range(20))


@pytest.mark.jobs
def test_pay_does_not_wait_behind_a_large_aggregation(transactional_db: None) -> None:
    """A worker for money alone: what waits in another queue is another worker's, and is there when he comes."""
    app.control.purge()
    done.clear()
    for number, queue in enumerate(["aggregation", "money", "mail", "money", "celery"]):
        note.apply_async((number,), queue=queue)
    try:
        with job_worker(queues=["money"]):
            assert eventually(lambda: len(done) >= 2)
        assert done == [1, 3]
    finally:
        app.amqp.queues.select(list(settings.QUEUES))
    with job_worker():
        assert eventually(lambda: len(done) == 5)
    assert sorted(done) == list(range(5))


def test_every_job_goes_to_a_queue_that_a_worker_serves() -> None:
    app.loader.import_default_modules()
    ours = [name for name in app.tasks if not name.startswith("celery.")]
    queues = {name: app.amqp.router.route({}, name)["queue"].name for name in ours}

    assert set(queues.values()) == set(settings.QUEUES)
    assert {queues[name] for name in queues if name.startswith(("crowd.ledger", "crowd.payouts"))} == {"money"}
    known = [re.compile(one.replace(".", r"\.").replace("*", ".*")) for one in settings.CELERY_TASK_ROUTES]
    assert [one.pattern for one in known if not any(one.fullmatch(name) for name in ours)] == []


def test_jobs_survive_the_death_of_their_worker_by_default() -> None:
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.accept_content == ["json"]


def test_a_worker_waits_for_its_broker_however_long_that_takes() -> None:
    """By default it gives up after a hundred tries, and `make run` would end with it."""
    assert app.conf.broker_connection_max_retries is None


def test_who_looks_while_a_message_is_written_finds_nothing_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With kombu's own transport he takes an empty file, and the job worker ends: in a demo the site with it."""
    folders = {name: str(tmp_path) for name in ("data_folder_in", "data_folder_out", "control_folder")}
    channels: list[Any] = [
        Connection(
            "filesystem://", transport="crowd.kernel.folder_broker:Transport", transport_options=folders
        ).channel()
        for _place in range(2)
    ]
    one, other = channels
    whole = folder_broker.dumps

    def look_and_dump(payload: object) -> object:
        with pytest.raises(Empty):
            other._get("work")
        return whole(payload)

    monkeypatch.setattr(folder_broker, "dumps", look_and_dump)
    one._put("work", {"body": "x"})

    assert other._get("work") == {"body": "x"}
