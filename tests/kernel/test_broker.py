"""A job goes through the broker: the one in memory, and real Redis when CELERY_BROKER_URL names it."""

import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection

from crowd.celery import app
from crowd.kernel import folder_broker

done: list[int] = []


@app.task(name="tests.note")
def note(number: int) -> None:
    done.append(number)


def eventually(true: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


@pytest.mark.jobs
def test_every_job_that_is_sent_is_done(job_worker: None) -> None:
    done.clear()

    for number in range(20):
        note.delay(number)

    assert eventually(lambda: len(done) >= 20)
    assert sorted(done) == list(range(20))


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
