"""What workers bring: checked, freed of traces, theirs alone until it is an answer, and gone where it never is one."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from crowd.assignments.models import Assignment, Contribution
from crowd.assignments.queries import my_data
from crowd.assignments.services import contributions, give_back, reject, take
from crowd.assignments.services.grounds import Grounds
from crowd.consensus import exports
from crowd.consensus.models import Consensus
from crowd.consensus.services.aggregate import aggregate
from crowd.kernel import clock
from crowd.labeling.errors import ConfigError
from crowd.projects.models import MediaFile, Project
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.labeling.configs import make_config, question
from tests.make_project import make_open
from tests.media import document, film, picture, sound
from workers.models import Worker

pytestmark = pytest.mark.django_db
TERMS = {"consent": "It is mine, and may be used.", "licence": "CC BY 4.0"}
PHOTO = {"id": "photo", "kind": "contribution", "text": "A photo?", "takes": "image", "max_bytes": 200_000} | TERMS
WORDS = {"id": "words", "kind": "contribution", "text": "A story?", "takes": "text", "required": False} | TERMS
VOICE = {"id": "voice", "kind": "contribution", "text": "Read.", "takes": "audio", "required": False} | TERMS
Door = Callable[..., Any]


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    asked = [PHOTO, WORDS, VOICE | {"max_seconds": 30}]
    config = {"data": {"kind": "text", "field": "text"}, "questions": asked}
    rows = [{"text": text} for text in ("a chair", "a table")]
    return make_open(actor=requester, organisation=organisation, rows=rows, label_config=config, redundancy=2)


def signed_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def bring(worker: Worker, held: Assignment, file: tuple[str, bytes], **more: Any) -> Any:
    body = {"file": SimpleUploadedFile(*file), "question": "photo"} | more
    return signed_in(worker.user).post(reverse("api:assignment-files", args=[held.pk]), body)


def hand_in(worker: Worker, held: Assignment, value: Any) -> Any:
    body = json.dumps({"value": value, "take_next": False})
    return signed_in(worker.user).post(reverse("api:submit", args=[held.pk]), body, content_type="application/json")


def telling_picture(size: tuple[int, int] = (100, 200)) -> tuple[str, bytes]:
    """A photo that lies on its side and says where it was taken, and by whom."""
    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = 6, "Ada Lovelace"
    exif.get_ifd(0x8825)[1] = "N"
    kept = io.BytesIO()
    Image.new("RGB", size, "navy").save(kept, "jpeg", exif=exif, comment=b"at home")
    return "C:\\photos\\chair.jpg", kept.getvalue()


def test_a_photo_from_the_camera_to_the_export(project: Project, requester: User, stranger: User) -> None:
    worker, other = make.make_worker(), make.make_worker()
    held, theirs = (take.take_next(worker=one, project_id=project.pk) for one in (worker, other))
    told = bring(worker, held, telling_picture())
    assert told.status_code == 201, told.content
    photo = told.json()
    assert (photo["name"], photo["content_type"], photo["width"], photo["height"]) == (
        "chair.jpg",
        "image/jpeg",
        200,
        100,
    )
    kept = b"".join(signed_in(worker.user).get(photo["url"]).streaming_content)  # type: ignore[attr-defined]
    with Image.open(io.BytesIO(kept)) as found:
        assert (found.size, dict(found.getexif()), found.info.get("comment")) == ((200, 100), {}, None)
    assert b"Lovelace" not in kept
    assert bring(worker, held, telling_picture()).json()["file"] == photo["file"]
    assert Contribution.objects.count() == MediaFile.objects.count() == 1

    assert bring(other, held, picture()).status_code == 404  # only its holder has the door
    body = {"file": SimpleUploadedFile(*picture()), "question": "photo"}
    assert signed_in(stranger).post(reverse("api:assignment-files", args=[held.pk]), body).status_code in (403, 404)
    said = {name: photo[name] for name in ("file", "name", "sha256")}
    agreed = said | {"consent": True}
    for who, where, value, place in (
        (worker, held, said, "photo.consent"),
        (worker, held, agreed | {"licence": "none"}, "photo.licence"),
        (worker, held, agreed | {"sha256": "0" * 64}, "units[0].photo.file"),
        (worker, held, agreed | {"name": "other.jpg"}, "units[0].photo.file"),
        (worker, held, agreed | {"file": photo["file"] + 1}, "units[0].photo.file"),
        (other, theirs, agreed, "units[0].photo.file"),
    ):
        refused = hand_in(who, where, {"photo": value})
        assert (refused.status_code, list(refused.json()["errors"])) == (400, [place]), refused.content
    seen = reverse("api:contribution", args=[photo["file"]])
    assert signed_in(worker.user).get(seen).status_code == 200
    assert signed_in(requester).get(seen).status_code == 404  # it is no answer yet

    for _ in range(2):  # twice is once
        done = hand_in(worker, held, {"photo": agreed, "words": {"text": "So it was.", "consent": True}})
        assert done.status_code == 200, done.content
    assert signed_in(requester).get(reverse("web:contribution", args=[photo["file"]])).status_code == 302
    url = signed_in(requester).get(seen).json()["url"]
    assert b"".join(signed_in(requester).get(url).streaming_content) == kept  # type: ignore[attr-defined]
    for person in (stranger, other.user):
        assert signed_in(person).get(seen).status_code == 404
        assert signed_in(person).get(reverse("web:contribution", args=[photo["file"]])).status_code == 404
    (line,) = (json.loads(row) for row in exports.lines(project, "answers", "jsonl"))
    assert line["answer"] == {"photo": said | TERMS, "words": {"text": "So it was."} | TERMS}
    aggregate(project.pk)
    assert Consensus.objects.get(question="photo").value == said | TERMS
    all_is_well()

    reject.reject(
        actor=requester,
        project_id=project.pk,
        assignment_ids=[held.pk],
        grounds=Grounds(evidence="written", reason="No chair."),
    )
    assert signed_in(requester).get(seen).status_code == 404  # whoever does not pay does not get it
    all_is_well()


def with_odd_exif() -> bytes:
    """A photo lying on its side, the first GPS value of which is of another type than it may be: Pillow stumbles."""
    exif, made = Image.Exif(), io.BytesIO()
    exif[0x0112], exif[0x8825] = 6, {1: "N"}
    Image.new("RGB", (20, 10)).save(made, "jpeg", exif=exif)
    odd = bytearray(made.getvalue())
    start = odd.index(b"Exif")
    odd[start + 46], odd[start + 47], odd[start + 54] = 0, 4, 4
    return bytes(odd)


def test_what_is_no_such_file_is_refused_with_the_reason_and_nothing_is_kept(project: Project) -> None:
    worker = make.make_worker()
    held = take.take_next(worker=worker, project_id=project.pk)
    large = io.BytesIO()
    Image.effect_noise((600, 600), 90).save(large, "png")
    broken = picture()[1][:300]
    for file, more, place, words in (
        (("a.jpg", b"<svg onload=alert(1)>"), {}, "file", "none of"),
        (("a.jpg", sound()[1]), {}, "file", "none of"),
        (("a.jpg", broken), {}, "file", "damaged"),
        (("a.jpg", with_odd_exif()), {}, "file", "damaged"),
        (film(), {"question": "voice"}, "file", "none of"),
        (picture(), {"question": "words"}, "question", "no file"),
        (picture(), {"question": "nothing"}, "question", "no file"),
        (picture(), {"unit": 1}, "unit", "no such part"),
    ):
        refused = bring(worker, held, file, **more)
        assert (refused.status_code, words in refused.json()["errors"].get(place, "")) == (400, True), refused.content
    assert bring(worker, held, ("a.png", large.getvalue())).status_code == 413
    assert bring(worker, held, sound(), question="voice").json()["seconds"] == 20
    assert (Contribution.objects.count(), MediaFile.objects.count()) == (1, 1)
    give_back.return_task(worker=worker, assignment_id=held.pk)
    assert bring(worker, held, picture()).status_code == 409


def test_of_a_document_the_pages_are_counted(requester: User, organisation: Organisation) -> None:
    asked = PHOTO | {"takes": "document"}
    config = {"data": {"kind": "text", "field": "text"}, "questions": [asked]}
    rows = [{"text": "your manual"}]
    project = make_open(actor=requester, organisation=organisation, rows=rows, label_config=config, redundancy=1)
    worker = make.make_worker()
    held = take.take_next(worker=worker, project_id=project.pk)

    kept = bring(worker, held, document(3)).json()
    assert (kept["content_type"], kept["pages"]) == ("application/pdf", 3)
    assert (kept["width"], kept["height"], kept["seconds"]) == (None, None, None)
    for content in (document(1)[1][:200], b"%PDF-1.7 a few words"):
        answer = bring(worker, held, ("cut.pdf", content))
        assert (answer.status_code, answer.json()["errors"]["file"]) == (
            400,
            "This PDF is damaged, or locked by a password.",
        )
    assert MediaFile.objects.get().pages == 3


def test_what_comes_into_no_answer_is_deleted_when_nobody_holds_the_task(project: Project) -> None:
    worker = make.make_worker()
    held = take.take_next(worker=worker, project_id=project.pk)
    large = telling_picture((1_400, 2_800))
    kept, idle = (bring(worker, held, file).json() for file in (telling_picture(), large))
    copy = signed_in(worker.user).get(idle["copy"])  # which pages show, as of a requester's picture
    with Image.open(io.BytesIO(copy.getvalue())) as found:
        assert (found.size, dict(found.getexif()), idle["width"], kept["copy"]) == ((2_560, 1_280), {}, 2_800, None)
    assert bring(worker, held, large).json()["file"] == idle["file"]
    names = {one.pk: one.storage_name for one in MediaFile.objects.all()}
    Contribution.objects.update(created_at=clock.now() - timedelta(days=8))
    assert contributions.sweep() == 0  # he holds it still
    mine = my_data(worker.user)["files_brought"]
    assert [(one["assignment_id"], one["question"], one["answered_at"]) for one in mine] == [
        (held.pk, "photo", None)
    ] * 2
    assert [(one["name"], one["sha256"]) for one in mine] == [(one["name"], one["sha256"]) for one in (kept, idle)]
    hand_in(worker, held, {"photo": {name: kept[name] for name in ("file", "name", "sha256")} | {"consent": True}})
    assert contributions.sweep() == 1
    assert list(MediaFile.objects.values_list("pk", flat=True)) == [kept["file"]]
    folder, _, name = names[kept["file"]].rpartition("/")
    assert default_storage.listdir(folder)[1] == [name]
    all_is_well()


def test_there_is_no_gold_of_what_people_bring() -> None:
    asked = make_config(question("contribution", id="q", takes="text", **TERMS)).question("q")
    assert (asked.is_opinion, asked.scored) == (True, False)
    with pytest.raises(ConfigError, match="no right answer"):
        make_config(question("contribution", id="q", takes="text", scored=True, **TERMS))
