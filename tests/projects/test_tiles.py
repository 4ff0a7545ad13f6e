"""A large picture labeled tile by tile: what is shown, what is refused, and where things are on the whole."""

import io
import json
from typing import Any

import pytest
from django.test import Client
from PIL import Image, ImageCms, ImageDraw
from rest_framework.test import APIClient

from crowd.api.media import payload
from crowd.api.throttles import Rate
from crowd.assignments.configs import parsed
from crowd.assignments.errors import AnswerRefused
from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.consensus import exports, wholes
from crowd.consensus.services.aggregate import aggregate
from crowd.consensus.services.reconfigure import Wanted, reconfigure
from crowd.labeling import config
from crowd.projects.models import Project, Task
from crowd.projects.services import draft, publish
from crowd.users.models import Organisation, User
from crowd.web.requester.setup import preview
from tests import make
from tests.check import all_is_well
from tests.make_project import make_draft
from tests.projects.uploads.uploading import bring, zipped

pytestmark = pytest.mark.django_db
BOXES: dict[str, Any] = {
    "data": {"kind": "image", "field": "image"},
    "questions": [{"id": "things", "kind": "boxes", "text": "Mark them.", "labels": ["red"]}],
}
TILES = {"by": "tiles", "size": 100, "overlap": 20}
COLOURS = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
RED = (150, 60, 170, 75)  # of 180 x 90 pixels: in the second tile, x from 80 to 180


def lying(kind: str, red: tuple[int, int, int, int] = RED) -> bytes:
    """The picture as a camera that was turned keeps it, with its colours."""
    picture = Image.new("RGB", (180, 90), "white")
    ImageDraw.Draw(picture).rectangle((red[0], red[1], red[2] - 1, red[3] - 1), fill="red")
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    picture.transpose(Image.Transpose.ROTATE_90).save(file, kind, exif=exif, icc_profile=COLOURS)
    return file.getvalue()


def red_in(content: bytes) -> tuple[tuple[int, int], tuple[int, int, int, int] | None]:
    """The size of a picture, and where it is red."""
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.info["icc_profile"] == COLOURS
        green = picture.convert("RGB").getchannel("G").point(lambda one: 255 if one < 100 else 0)
        return picture.size, green.getbbox()


@pytest.mark.parametrize(("kind", "content_type"), [("jpeg", "image/jpeg"), ("png", "image/png")])
def test_a_box_in_a_tile_is_exported_where_it_is_on_the_whole(
    requester: User, organisation: Organisation, kind: str, content_type: str
) -> None:
    things = BOXES["questions"][0]
    asked = BOXES | {"questions": [things, things | {"id": "others"}]}
    project = make_draft(actor=requester, organisation=organisation, label_config=asked, split=TILES, redundancy=1)
    assert bring(requester, project, zipped(**{f"one_{kind}": lying(kind)}), "zip").errors == []
    make.make_money(organisation, 10**8)
    project = publish.publish(actor=requester, project_id=project.pk)
    assert sorted(task.source["x"] for task in Task.objects.filter(project=project)) == [0, 80]

    worker = make.make_worker()
    for _tile in range(2):
        label(project, worker, content_type)
    aggregate(project.pk)

    for of, found in (("items", "consensus"), ("answers", "answer")):
        rows = [json.loads(line) for line in b"".join(exports.lines(project, of, "jsonl")).splitlines()]
        said = [row[found]["things"] for row in rows]
        boxes = [one for value in said for one in (value["value"] if of == "items" else value)]
        assert [{name: round(box[name]) for name in ("x", "y", "width", "height")} for box in boxes] == [
            {"x": 150, "y": 60, "width": 20, "height": 15}
        ]
    assert b"source.x" in next(iter(exports.lines(project, "items", "csv")))
    all_is_well()

    fewer = BOXES | {"questions": asked["questions"][1:]}
    reconfigure(actor=requester, project_id=project.pk, wanted=Wanted(config=fewer))
    project.refresh_from_db()
    rows = [json.loads(line) for line in b"".join(exports.lines(project, "answers", "jsonl")).splitlines()]
    assert [box["x"] for row in rows for box in row["answer"]["things"]] == [150]  # of a question that was dropped too


def test_what_lies_across_two_tiles_is_told_once_by_the_export_and_by_the_api(
    requester: User, organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers mark what they see of it in each tile."""
    project = make_draft(actor=requester, organisation=organisation, label_config=BOXES, split=TILES, redundancy=2)
    across = (60, 30, 140, 50)
    assert bring(requester, project, zipped(one_png=lying("png", across)), "zip").errors == []
    make.make_money(organisation, 10**8)
    project = publish.publish(actor=requester, project_id=project.pk)
    for worker in (make.make_worker(), make.make_worker()):
        for _tile in range(2):
            label(project, worker, "image/png")
    aggregate(project.pk)

    first, second = Task.objects.filter(project=project).order_by("pk").values_list("pk", flat=True)
    rows = [json.loads(line) for line in b"".join(exports.lines(project, "items", "jsonl")).splitlines()]
    told = {row["task"]: row["consensus"]["things"] for row in rows}
    box = {"label": "red", "x": 60.0, "y": 30.0, "width": 80.0, "height": 20.0}
    assert [told[task]["value"] for task in (first, second)] == [[box], []]
    assert told[first]["details"]["tasks"] == [[first, second]]
    assert 0.5 < told[first]["details"]["posteriors"][0] <= 1

    client = APIClient()
    client.force_login(requester)
    plain = client.get(f"/api/v1/projects/{project.pk}/consensus/").json()["results"]
    assert [row["whole"] for row in plain] == [None, None]
    answered = client.get(f"/api/v1/projects/{project.pk}/consensus/?whole=true").json()["results"]
    of = {row["task"]: row for row in answered}
    assert [of[task]["value"] for task in (first, second)] == [
        [box | {"width": 40.0}],
        [box | {"x": 0.0, "width": 60.0}],
    ]
    for task in (first, second):
        assert of[task]["whole"] == {name: told[task][name] for name in ("value", "details")}
    narrow = client.get(f"/api/v1/projects/{project.pk}/consensus/?task={second}&whole=true").json()["results"]
    assert [row["whole"]["value"] for row in narrow] == [[]]
    monkeypatch.setattr(wholes, "PIECES", 1)
    many = client.get(f"/api/v1/projects/{project.pk}/consensus/?whole=true").json()["results"]
    assert [row["whole"] for row in many] == [None, None]
    monkeypatch.setattr(Rate, "get_rate", lambda rate: "1/day" if rate.scope == "heavy" else "1000/day")
    kinds = [client.get(f"/api/v1/projects/{project.pk}/consensus/{asked}").status_code
             for asked in ("", "?whole=true", "?whole=true", "")]  # fmt: skip
    assert kinds[0] == kinds[3] == 200
    assert kinds[2] == 429


def label(project: Project, worker: Any, content_type: str) -> None:
    """Looks at the tile that he is given, marks the red in it, and is refused what lies outside of it."""
    held = take.take_next(worker=worker, project_id=project.pk)
    shown = payload(held.task, config=BOXES, user=worker.user)["units"][0]["image"]
    answer = Client().get(shown["media"])
    assert (answer.headers["Content-Type"], shown["content_type"]) == (content_type, content_type)
    again = Client().get(shown["media"], headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", answer.headers["ETag"])
    size, place = red_in(answer.content)
    assert size == (shown["width"], shown["height"])
    assert size in ((100, 90),)
    rest: dict[str, Any] = {id: [] for id in parsed(held.config_id).ids if id != "things"}
    outside = [{"label": "red", "x": 90, "y": 10, "width": 30, "height": 5}]
    with pytest.raises(AnswerRefused, match="outside the image"):
        submit(worker=worker, assignment_id=held.pk, value={"things": outside} | rest, take_next=False)
    left, top, right, bottom = place or (0, 0, 0, 0)
    box = {"label": "red", "x": left, "y": top, "width": right - left, "height": bottom - top}
    submit(worker=worker, assignment_id=held.pk, value={"things": [box] if place else []} | rest, take_next=False)


def test_a_draft_is_cut_into_tiles_later_and_a_known_answer_stays_whole(
    requester: User, organisation: Organisation
) -> None:
    project = make_draft(actor=requester, organisation=organisation, label_config=BOXES)
    assert bring(requester, project, zipped(one_png=lying("png")), "zip").errors == []
    draft.edit(actor=requester, project_id=project.pk, split=TILES | {"size": 64})
    project.refresh_from_db()
    first = Task.objects.filter(project=project).earliest("pk")
    shown = [
        preview.preview_of(config.parse(BOXES), project, requester)["units"][0].media,
        preview.pictures([first], requester, project)[first.pk],
    ]
    assert [red_in(Client().get(address).content)[0] for address in shown] == [(64, 64)] * 2
    assert Task.objects.filter(project=project).count() == 4 * 2
    known = json.dumps({"image": "one.png", "gold": {"things": []}}) + "\n"
    upload = bring(requester, project, zipped(manifest_jsonl=known.encode(), one_png=lying("png")), "zip")
    assert "must stay whole" in upload.errors[1]["reason"]


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_a_damaged_picture_is_refused_where_it_is_cut_and_is_no_fault_of_ours(
    requester: User, organisation: Organisation, kind: str
) -> None:
    damaged = zipped(**{f"one_{kind}": lying(kind)[:-150]})
    cut = make_draft(actor=requester, organisation=organisation, label_config=BOXES, split=TILES)
    assert "damaged" in bring(requester, cut, damaged, "zip").errors[1]["reason"]

    later = make_draft(actor=requester, organisation=organisation, label_config=BOXES)
    assert bring(requester, later, damaged, "zip").errors == []
    draft.edit(actor=requester, project_id=later.pk, split=TILES)
    later.refresh_from_db()
    first = Task.objects.filter(project=later).earliest("pk")
    assert Client().get(preview.pictures([first], requester, later)[first.pk]).status_code == 404
