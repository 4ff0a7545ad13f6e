"""Crashes, lost messages, and two imports at once: nothing half done, nothing twice."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from celery import current_app
from django.db import OperationalError

from crowd.kernel import clock, locks
from crowd.projects import jobs
from crowd.projects.errors import BadRows
from crowd.projects.imports import copy, files, load
from crowd.projects.models import Item, MediaFile, Project, Task, Upload
from crowd.projects.services import items, uploads
from crowd.projects.states import ImportState
from crowd.users.models import Organisation, User
from tests.make_project import IMAGE, make_draft
from tests.projects.servers import Site, png
from tests.projects.uploads.uploading import send, stored_files
from tests.races import PATIENCE_S, errors, meeting, together, wait_before_a_lock

pytestmark = pytest.mark.django_db


class Crash(BaseException):
    """The process dies: nobody handles this."""


def test_after_a_crash_nothing_is_half_done_and_the_sweep_starts_again(
    requester: User, organisation: Organisation, web: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_draft(actor=requester, organisation=organisation, label_config=IMAGE)
    web.pages["/cat.png"] = (200, {}, png())
    upload = send(requester, project, f"image\n{web.url('/cat.png')}\n")
    with monkeypatch.context() as broken, pytest.raises(Crash):
        broken.setattr(copy, "copy_tasks", crash)  # items and media are written by then, tasks are not
        uploads.process(upload_id=upload.pk)
    assert (Item.objects.count(), MediaFile.objects.count()) == (0, 0)
    upload.refresh_from_db()
    assert upload.state == ImportState.RUNNING

    assert uploads.due() == []  # its runner may live
    clock.advance(uploads.SILENCE + timedelta(seconds=1))
    jobs_sent = uploads.due()
    assert jobs_sent == [upload.pk]
    assert uploads.due() == []  # sent once, not every minute

    assert uploads.process(upload_id=upload.pk).state == ImportState.DONE
    assert Task.objects.count() == 1
    assert [f"media/{project.pk}/{upload.pk}/2" in name for name in stored_files()] == [True]  # the first one's is gone


def crash(*_args: Any, **_kwargs: Any) -> Any:
    raise Crash


def test_a_file_that_kills_its_job_is_given_up(
    requester: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = send(requester, project, "text\na\n")
    monkeypatch.setattr(uploads, "_check", crash)
    for _time in range(uploads.MAX_ATTEMPTS):
        with pytest.raises(Crash):
            uploads.process(upload_id=upload.pk)
        clock.advance(uploads.SILENCE * 2)
        assert uploads.due() == [upload.pk]
    upload = uploads.process(upload_id=upload.pk)
    assert upload.state == ImportState.REFUSED
    assert "could not be worked through" in upload.errors[0]["reason"]


def test_a_runner_that_was_given_up_imports_nothing(
    requester: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = send(requester, project, "text\na\n")
    check = uploads._check

    def slow(*args: Any) -> str:
        """So slow that the sweep gives it up and another runner finishes in the meantime."""
        monkeypatch.setattr(uploads, "_check", check)
        found = check(*args)
        clock.advance(uploads.SILENCE * 2)
        assert uploads.due() == [upload.pk]
        assert uploads.process(upload_id=upload.pk).attempt == 2
        return found

    monkeypatch.setattr(uploads, "_check", slow)
    assert uploads.process(upload_id=upload.pk).attempt == 2
    assert Task.objects.count() == 1


def test_a_lost_message_is_made_up_for_by_the_sweep(
    requester: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    monkeypatch.setattr(jobs.process_upload, "delay", sent.append)
    upload = send(requester, project, "text\na\n")
    jobs.sweep_uploads()
    assert sent == []
    clock.advance(uploads.PATIENCE * 2)
    jobs.sweep_uploads()
    assert sent == [upload.pk]


def test_a_broker_that_is_down_loses_nothing(
    requester: User,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    asked: list[str] = []

    def down(name: str, *_args: Any) -> None:
        asked.append(name)
        raise ConnectionRefusedError

    monkeypatch.setattr(current_app, "send_task", down)
    with django_capture_on_commit_callbacks(execute=True):
        upload = send(requester, project, "text\na\n")
    assert asked == [jobs.process_upload.name]
    assert upload.state == ImportState.WAITING


def test_what_an_ended_import_left_is_tidied_by_the_sweep(
    requester: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = send(requester, project, "text\na\n")
    with monkeypatch.context() as broken, pytest.raises(Crash):
        broken.setattr(files, "tidy", crash)
        uploads.process(upload_id=upload.pk)
    assert len(stored_files()) == 1
    jobs.sweep_uploads()
    assert stored_files() == []
    assert Task.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_runners_one_imports(requester: User, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = send(requester, project, "text\na\nb\n")
    results = together(*[lambda: uploads.process(upload_id=upload.pk)] * 2)
    assert errors(results) == []
    assert Task.objects.count() == 2
    assert Upload.objects.get().attempt == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_claim_both_import(
    requester: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = send(requester, project, "text\na\nb\n")
    Upload.objects.update(state=ImportState.RUNNING)
    monkeypatch.setattr(uploads, "_claim", lambda id: Upload.objects.select_related("project").get(pk=id))
    monkeypatch.setattr(uploads, "_hold", lambda _upload: None)
    monkeypatch.setattr(uploads, "_check", meeting(uploads._check))
    together(*[lambda: uploads.process(upload_id=upload.pk)] * 2)
    assert Task.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_two_files_with_the_same_key_at_once(
    requester: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both see the key free; the database lets one in, the other looks again and is refused with the row."""
    both = [send(requester, project, "text,id\na,1\n", key_column="id") for _ in range(2)]
    monkeypatch.setattr(uploads, "_check", meeting(uploads._check))
    results = together(*[lambda id=one.pk: uploads.process(upload_id=id) for one in both])
    assert errors(results) == []
    assert sorted(result.state for result in results) == [ImportState.DONE, ImportState.REFUSED]
    (refused,) = [result for result in results if result.state == ImportState.REFUSED]
    assert refused.errors[1]["reason"] == "The project has an item with this key."
    assert Item.objects.count() == 1


def _import_and_add(requester: User, project: Project, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """An import has loaded its rows, but not committed; at that moment the same key is added by API."""
    upload = send(requester, project, "text,id\na,1\n", key_column="id")
    loaded = Event()

    def slow(*args: Any, **kwargs: Any) -> Any:
        cut = load.load_packed(*args, **kwargs)
        loaded.set()
        wait_before_a_lock(1)
        return cut

    def add() -> Upload:
        assert loaded.wait(PATIENCE_S)
        row = {"text": "b", "id": "1"}
        return items.add(actor=requester, project_id=project.pk, rows=[row], options={"key_column": "id"})

    monkeypatch.setattr(uploads, "load_packed", slow)
    return together(lambda: uploads.process(upload_id=upload.pk), add)


@pytest.mark.django_db(transaction=True)
def test_an_import_and_an_addition_with_the_same_key_wait_for_each_other(
    requester: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported, added = _import_and_add(requester, project, monkeypatch)
    assert imported.state == ImportState.DONE
    assert isinstance(added, BadRows)
    assert Item.objects.get().data["text"] == "a"


@pytest.mark.django_db(transaction=True)
def test_control_without_the_gate_they_deadlock(
    requester: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "exclusive", lambda *_gate: None)
    results = _import_and_add(requester, project, monkeypatch)
    assert [type(error) for error in errors(results)] == [OperationalError]
