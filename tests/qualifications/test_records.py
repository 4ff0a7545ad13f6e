"""A worker takes his record from one site to another: signed, about himself only, and counting for less."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from crowd.kernel import clock, signing
from crowd.kernel.errors import BadInput
from crowd.kernel.signing import BadSignature
from crowd.users.models import Organisation, User
from qualifications import queries, skills
from qualifications.errors import SiteNotTrusted
from qualifications.models import BroughtRecord, Grant, Qualification, SkillAccuracy
from qualifications.services import catalogue, records
from qualifications.services import skills as keeping
from qualifications.services.skills import Counted
from tests import check, make
from workers.models import Worker

THERE, HERE = "https://there.example", "https://here.example"


@pytest.fixture
def spanish(staff: User) -> Qualification:
    return catalogue.create(actor=staff, organisation_id=None, name="Spanish, tested", language="es")


@pytest.fixture
def record(
    settings: Any, worker: Worker, staff: User, organisation: Organisation, spanish: Qualification
) -> dict[str, str]:
    """From another site, where he was right in 36 of 40; we are here now and trust it."""
    settings.CROWD_URL, settings.CROWD_MASTER_KEY = THERE, "their master key"
    counted = Counted(worker_id=worker.pk, kind="image/choice", right=36, wrong=4)
    keeping.keep([counted], worker_ids=[worker.pk], as_of=clock.now())
    make.make_grant(spanish, worker, value=80, granted_by=staff)
    make.make_grant(make.make_qualification(organisation=organisation, name="Secret", public=False), worker)
    document = records.issue(user=worker.user)
    trusted = {THERE: signing.public_key()}
    Grant.objects.all().delete()
    SkillAccuracy.objects.all().delete()
    settings.CROWD_URL, settings.CROWD_MASTER_KEY, settings.CROWD_TRUSTED_SITES = HERE, "our master key", trusted
    return document


def told(worker: Worker) -> int | None:
    return skills.value(SkillAccuracy.objects.get(worker=worker), clock.now())


def test_a_record_is_brought_and_counts_for_less(worker: Worker, record: dict[str, str]) -> None:
    content = signing.content_of(record)
    assert [one["name"] for one in content["qualifications"]] == ["Spanish, tested"]  # and nothing that is not public
    assert worker.user.email not in json.dumps(content)
    records.bring(user=worker.user, document=record)
    records.bring(user=worker.user, document=record)  # once more is not twice
    assert BroughtRecord.objects.count() == 1
    row = SkillAccuracy.objects.get()
    assert (row.right, round(row.brought_right, 6), round(row.brought_wrong, 6)) == (0, 18, 2)  # half of 40
    assert told(worker) == 86
    held = queries.held_by(worker, now=clock.now()).get()
    assert (held.qualification.subject, held.value) == ("es", 80)
    worker.refresh_from_db()
    assert worker.eligibility_version > 0

    ours = Counted(worker_id=worker.pk, kind="image/choice", right=10, wrong=30)  # what we see here speaks louder
    keeping.keep([ours], worker_ids=[worker.pk], as_of=clock.now())
    assert told(worker) == 47
    passed_on = signing.content_of(records.issue(user=worker.user))
    assert [(one["right"], one["wrong"]) for one in passed_on["skills"] if one["right"]] == [(10, 30)]
    assert passed_on["qualifications"] == []
    check.all_is_well()


def test_a_record_of_somebody_else_or_of_long_ago_is_refused(
    worker: Worker, other_worker: Worker, record: dict[str, str]
) -> None:
    with pytest.raises(BadInput, match="another e-mail address"):
        records.bring(user=other_worker.user, document=record)
    clock.advance(records.GOOD_FOR + timedelta(seconds=1))
    with pytest.raises(BadInput, match="out of date"):
        records.bring(user=worker.user, document=record)
    assert not BroughtRecord.objects.exists()


def test_a_record_that_was_changed_or_comes_from_anywhere_is_refused(
    settings: Any, worker: Worker, record: dict[str, str]
) -> None:
    content = signing.content_of(record) | {"accepted": 1_000_000}
    forged = record | {"payload": base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")}
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    bad: list[Any] = [forged, record | {"protected": none}, record | {"signature": ""}, record | {"more": "x"}, {}, []]
    for document in [*bad, record | {"payload": "%"}, record | {"payload": "W10"}]:
        with pytest.raises(BadSignature):
            records.bring(user=worker.user, document=document)
    with pytest.raises(SiteNotTrusted):
        records.bring(user=worker.user, document=records.issue(user=worker.user))  # our own is no news
    settings.CROWD_TRUSTED_SITES = {}
    with pytest.raises(SiteNotTrusted):
        records.bring(user=worker.user, document=record)
    assert not SkillAccuracy.objects.exists()


def test_on_the_page_it_is_a_file(client: Client, settings: Any, worker: Worker, record: dict[str, str]) -> None:
    client.force_login(worker.user)
    taken = client.get("/work/qualifications/record/")
    assert signing.content_of(json.loads(taken.content))["site"] == HERE
    page = client.post("/work/qualifications/record/bring/", {"record": _file(b"no json")}, follow=True)
    assert "This file is no record" in page.content.decode()
    assert THERE in page.content.decode()
    page = client.post(
        "/work/qualifications/record/bring/", {"record": _file(json.dumps(record).encode())}, follow=True
    )
    assert f"Your record of {THERE} counts here now." in page.content.decode()


def _file(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("my-record.json", content)
