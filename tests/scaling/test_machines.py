"""Several web machines: what one of them was told another one knows, for nothing is kept on a machine."""

import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from allauth.account.models import EmailAddress

from crowd.assignments.models import Answer, Assignment
from crowd.kernel import clock
from crowd.projects import media
from crowd.projects.models import Item, MediaFile, Project
from crowd.projects.services import uploads
from crowd.users.models import Organisation, User
from crowd.web.requester import kept
from tests import make
from tests.check import all_is_well
from tests.fire.line import Reply
from tests.make_project import IMAGE, make_draft, make_open, texts
from tests.projects import s3_server
from tests.projects.s3_server import Bucket
from tests.projects.servers import png
from tests.scaling.machines import Person, machines

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.skipif(
        not shutil.which("redis-server"), reason="no redis-server on this machine (Debian: apt install redis-server)"
    ),
]
MONEY = 4  # requests a minute
SCRIPT = {"Accept": "application/json"}


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    with s3_server.as_storage() as found:
        yield found


def confirmed(user: User) -> User:
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def form(person: Person, path: str, *, headers: dict[str, str] | None = None, **fields: Any) -> Reply:
    return person.ask(path, urlencode(fields).encode(), **(headers or {}))


def sign_in(person: Person, user: User, password: str = "correct horse") -> Reply:
    person.ask("/accounts/login/")
    return form(person, "/accounts/login/", login=user.email, password=password)


def file(person: Person, path: str, name: str, content: bytes, **fields: str) -> Reply:
    """A form with a file in it."""
    parts = [f'name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    parts.append(f'name="file"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode() + content)
    body = b"".join(b"--part\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--part--\r\n"
    return person.ask(path, body, Content_Type="multipart/form-data; boundary=part")


def test_whoever_is_sent_from_one_machine_to_another_notices_nothing(
    bucket: Bucket, requester: User, organisation: Organisation
) -> None:
    """Each request of a person goes to the other machine than his last."""
    project = make_open(actor=requester, organisation=organisation, rows=texts(12), redundancy=1)
    draft = make_draft(actor=requester, organisation=organisation)
    cats = make_draft(actor=requester, organisation=organisation, label_config=IMAGE, title="Cats")
    worker = make.make_worker(user=confirmed(make.make_user()))
    with machines(bucket, CROWD_API_RATES=f"money={MONEY}/min") as ports:
        wanda, rita = Person(ports), Person(ports)
        sign_in(wanda, worker.user)
        sign_in(rita, confirmed(requester))
        label(wanda, project)
        brings_texts(rita, draft)
        brings_pictures(rita, cats, requester)
        is_limited(rita, organisation)
        figures_are_kept_for_both(rita, wanda, project)
        leaves(wanda)
        guesses(Person(ports), requester)
    all_is_well()


def label(wanda: Person, project: Project) -> None:
    """Taken here, begun there, and submitted here; the next one's shell is known there."""
    taken = form(wanda, f"/work/projects/{project.pk}/start/")
    task = taken.headers["location"]
    for told in ({"mood": ["good"]}, {"mood": ["bad"]}):
        body = json.dumps({"attempt": 1, "fields": told}).encode()
        assert wanda.ask(f"{task}draft/", body, method="PUT").status == 200
    assert wanda.ask(f"{task}draft/").told["fields"] == {"mood": ["bad"]}

    first = submits(wanda, task, "none")
    again = submits(wanda, task, "none")
    assert (again.told["again"], again.told["next"]) == (True, first.told["next"])
    second = submits(wanda, f"/work/tasks/{first.told['next']}/", first.told["shell"])
    assert (second.told["shell"], "html" in second.told) == (first.told["shell"], False)
    assert Answer.objects.count() == 2


def submits(wanda: Person, task: str, shell: str) -> Reply:
    told = form(wanda, f"{task}submit/", headers=SCRIPT | {"X_Task_Shell": shell}, attempt=1, **{"u0.mood": "good"})
    assert told.status == 200, told.body
    return told


def brings_texts(rita: Person, draft: Project) -> None:
    """The file to one machine; the other one looks at its columns and imports it."""
    setup = f"/requester/projects/{draft.pk}/setup/data/"
    assert file(rita, setup, "moods.csv", b"id,text\n1,one\n2,two\n", how="file").status == 302
    assert rita.ask(setup).status == 200
    form(rita, f"{setup}columns/", kind="text", field="text", key_column="id")
    assert Item.objects.filter(project=draft).count() == 2


def brings_pictures(rita: Person, cats: Project, signed_for: User) -> None:
    """The file to one machine, a job on a third imports it, and either shows what came of it."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("red.png", png("red"))
    place = f"/api/v1/projects/{cats.pk}/uploads/"
    sent = file(rita, place, "cats.zip", content.getvalue(), format="zip")
    assert (sent.status, rita.ask(f"{place}{sent.told['id']}/").told["state"]) == (202, "waiting")
    assert uploads.process(upload_id=sent.told["id"]).state == "done"
    assert rita.ask(f"{place}{sent.told['id']}/").told["state"] == "done"
    link = f"/api/v1/media/{media.sign(MediaFile.objects.get(), signed_for, now=clock.now())}/"
    for _machine in range(2):
        with urlopen(rita.ask(link).headers["location"]) as picture:
            assert picture.read() == png("red")


def is_limited(rita: Person, organisation: Organisation) -> None:
    """What happens once happens once on both; so many a minute are so many on both together."""
    place, one = f"/api/v1/organisations/{organisation.pk}/test-money/", b'{"amount": "1"}'
    said = [rita.ask(place, one, Content_Type="application/json", Idempotency_Key="one") for _time in range(MONEY)]
    assert len({reply.body for reply in said}) == 1, said
    late = [rita.ask(place, one, Content_Type="application/json") for _machine in range(2)]
    assert [reply.status for reply in late] == [429, 429]


def figures_are_kept_for_both(rita: Person, wanda: Person, project: Project) -> None:
    """Of a large project: what one machine counted the other one shows, until something is done of which the doer must
    see the effect."""
    Project.objects.filter(pk=project.pk).update(planned_slots=kept.LARGE)
    before = figures(rita, project)
    submits(wanda, f"/work/tasks/{wanda_holds(project)}/", "none")
    assert [figures(rita, project) for _machine in range(2)] == [before, before]

    decide = f"/requester/projects/{project.pk}/answers/decide/"
    form(rita, decide, deed="accept", assignment=Answer.objects.earliest("pk").assignment_id, confirmed=1)
    assert before not in [figures(rita, project) for _machine in range(2)]
    Project.objects.filter(pk=project.pk).update(planned_slots=project.planned_slots)


def wanda_holds(project: Project) -> int:
    return int(Assignment.objects.get(project=project, state="active", opened_at__isnull=False).pk)


def figures(rita: Person, project: Project) -> list[str]:
    return re.findall(r"\$[0-9,.]+", rita.ask(f"/requester/projects/{project.pk}/").body.decode())


def leaves(wanda: Person) -> None:
    assert wanda.ask("/work/").status == 200
    form(wanda, "/accounts/logout/")
    assert [wanda.ask("/work/").status for _machine in range(2)] == [302, 302]


def guesses(stranger: Person, user: User) -> None:
    """Five wrong passwords, of which each machine saw two or three, and the right one is not asked for any more."""
    for number in range(5):
        sign_in(stranger, user, f"wrong {number}")
    assert sign_in(stranger, user).status != 302
