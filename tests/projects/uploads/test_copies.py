"""Large pictures, which pages show by smaller copies: what is marked on them counts in the picture's own pixels."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image, ImageDraw

from crowd.api.media import payload
from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.consensus import exports
from crowd.projects import copies
from crowd.projects.models import MediaFile, Project, Task, Upload
from crowd.projects.services import publish
from crowd.users.models import Organisation, User
from crowd.web.requester.setup import preview
from tests import make
from tests.check import all_is_well
from tests.make_project import make_draft
from tests.projects.test_tiles import BOXES, COLOURS
from tests.projects.uploads.uploading import bring, stored_files, zipped

pytestmark = pytest.mark.django_db


def written(kind: str, mode: str = "RGB", colour: Any = "white", size: tuple[int, int] = (1_400, 2_800)) -> bytes:
    """As a camera that was turned keeps it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.new(mode, size, colour).save(file, kind, exif=exif, icc_profile=COLOURS if mode != "CMYK" else None)
    return file.getvalue()


def drawn() -> bytes:
    """Lines of one bit a pixel: smaller as they are than with the greys of a copy."""
    picture, file = Image.new("1", (2_800, 1_400), "white"), io.BytesIO()
    for place in range(0, 2_800, 7):
        ImageDraw.Draw(picture).line((place, 0, 2_800 - place, 1_400))
    picture.save(file, "PNG")
    return file.getvalue()


def half(content: "ContentFile[bytes]", chunk_size: int | None = None) -> Iterator[bytes]:
    yield content.read(100)
    raise ConnectionError


def shown(project: Project, reader: User) -> dict[str, dict[str, Any]]:
    tasks = Task.objects.filter(project=project).select_related("item__media")
    found = ((one.item.media, payload(one, config=BOXES, user=reader)["units"][0]) for one in tasks)
    return {media.filename: unit["image"] for media, unit in found if media}


def seen(address: str) -> tuple[str, tuple[int, int], str]:
    answer = Client().get(address)
    assert answer.status_code == 200
    with Image.open(io.BytesIO(answer.getvalue())) as picture:
        assert picture.info.get("icc_profile") in (COLOURS, None)
        return answer.headers["Content-Type"], picture.size, picture.mode


def test_a_large_picture_has_a_copy_and_answers_in_its_own_pixels(
    requester: User, organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_draft(actor=requester, organisation=organisation, label_config=BOXES, redundancy=1)
    files = {
        "photo_jpg": written("JPEG"),
        "grey_jpg": written("JPEG", "L"),
        "glass_png": written("PNG", "RGBA", (255, 0, 0, 100)),
        "heavy_png": written("PNG", size=(100, 200)) + bytes(copies.LARGEST),
        "small_jpg": written("JPEG", size=(1_400, 2_500)),
        "print_jpg": written("JPEG", "CMYK", (0, 0, 0, 0)),
        "cut_jpg": written("JPEG")[:-2_000],
        "lines_png": drawn(),
    }
    assert bring(requester, project, zipped(**files), "zip").errors == []
    of = shown(project, requester)

    as_they_are = ("print.jpg", "cut.jpg", "lines.png")
    large = {"photo.jpg", "grey.jpg", "glass.png", "heavy.png", *as_they_are}
    assert {key for key, one in of.items() if "copy" in one} == large
    assert {
        (one["width"], one["height"]) for key, one in of.items() if key in ("photo.jpg", "glass.png", "print.jpg")
    } == {(2_800, 1_400)}
    assert seen(of["photo.jpg"]["copy"]) == ("image/jpeg", (2_560, 1_280), "RGB")
    assert seen(of["grey.jpg"]["copy"]) == ("image/jpeg", (2_560, 1_280), "L")  # as its profile says
    assert seen(of["glass.png"]["copy"]) == ("image/webp", (2_560, 1_280), "RGBA")
    assert seen(of["heavy.png"]["copy"]) == ("image/webp", (200, 100), "RGB")
    for key in as_they_are:
        assert Client().get(of[key]["copy"]).getvalue() == Client().get(of[key]["media"]).getvalue()
        assert default_storage.size(copies.name_of(MediaFile.objects.get(filename=key).storage_name)) == 0  # for good
    assert Client().get(of["photo.jpg"]["media"]).getvalue() == files["photo_jpg"]
    first = Task.objects.get(project=project, item__media__filename="photo.jpg")
    assert seen(preview.pictures([first], requester, project)[first.pk])[1] == (2_560, 1_280)

    photo = MediaFile.objects.get(filename="photo.jpg")
    copy = copies.name_of(photo.storage_name)
    with monkeypatch.context() as patch:
        default_storage.delete(copy)  # as in a folder from before there were copies
        patch.setattr(Image, "MAX_IMAGE_PIXELS", 1_000)
        assert Client().get(of["photo.jpg"]["copy"]).getvalue() == files["photo_jpg"]  # too large to be unpacked
    with monkeypatch.context() as patch, pytest.raises(ConnectionError):
        default_storage.delete(copy)
        patch.setattr(ContentFile, "chunks", half)
        copies.found(photo)
    assert not default_storage.exists(copy)  # whole or not at all
    (part,) = (name for name in stored_files() if name.startswith(f"{copy}."))
    default_storage.delete(part)
    assert seen(of["photo.jpg"]["copy"])[1] == (2_560, 1_280)
    assert default_storage.exists(copy)
    with default_storage.open(photo.storage_name) as whole:
        assert copies.keep(whole, photo) == copy  # by two at once
    assert len(stored_files()) == 2 * len(large) + 1

    make.make_money(organisation, 10**8)
    publish.publish(actor=requester, project_id=project.pk)
    worker = make.make_worker()
    box = {"label": "red", "x": 2_700.25, "y": 1_300.5, "width": 90, "height": 80}
    for _picture in files:
        held = take.take_next(worker=worker, project_id=project.pk)
        found = [box] if held.task_id == first.pk else []
        submit(worker=worker, assignment_id=held.pk, value={"things": found}, take_next=False)
    assert b"2700.25" in b"".join(exports.lines(project, "answers", "jsonl"))
    all_is_well()


def test_a_copy_leaves_with_its_picture(requester: User, organisation: Organisation) -> None:
    project = make_draft(actor=requester, organisation=organisation, label_config=BOXES)
    files = {"one": written("JPEG"), "other": written("JPEG", colour="navy")}

    def sent(*names: str) -> Upload:
        manifest = ("image,id\n" + "".join(f"{name}.jpg,{name}\n" for name in names)).encode()
        content = zipped(
            manifest_csv=manifest, **{f"{name}_jpg": file for name, file in files.items() if name in names}
        )
        return bring(requester, project, content, "zip", key_column="id", known_keys="skip")

    assert sent("one").errors == []
    kept = stored_files()
    assert len(kept) == 2
    again = sent("one", "other")  # the first is known, and was kept anew before that was seen
    assert (again.rows_known, again.errors) == (1, [])
    assert len(stored_files()) == 2 * 2
    assert set(kept) < set(stored_files())
