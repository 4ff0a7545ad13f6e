"""Files of pictures, films, recordings and pages, sent or fetched, and what they are cut into."""

import io
import json
from contextlib import closing
from threading import Semaphore
from typing import Any

import pypdfium2
import pytest
from django.core.files.storage import default_storage
from PIL import Image

from crowd.kernel.errors import BadInput
from crowd.labeling.formats.rows import Limits
from crowd.labeling.formats.zip_files import FileRow
from crowd.projects import shown as shown_of
from crowd.projects.imports import pdf, sources
from crowd.projects.imports.media import Brought, Shelf
from crowd.projects.imports.options import Options
from crowd.projects.imports.rows import Prepared
from crowd.projects.models import Item, MediaFile, Project, Task, Upload
from crowd.projects.services import config, draft, items, uploads
from crowd.projects.states import ImportState
from crowd.users.models import Organisation, User
from tests.check import all_is_well
from tests.make_project import CHOICE, IMAGE, make_draft
from tests.media import document, film, picture, sound
from tests.projects.servers import Site, png
from tests.projects.uploads.uploading import bring, stored_files, zipped

pytestmark = pytest.mark.django_db


def test_a_zip_of_images_with_a_manifest(requester: User, organisation: Organisation) -> None:
    project = make_draft(actor=requester, organisation=organisation, label_config=IMAGE)
    red, blue = png("red"), png("blue")
    manifest = b"image,gold,note\na/red.png,cat,first\na/blue.png,,second\n"
    upload = bring(
        requester, project, zipped(manifest_csv=manifest, a__red_png=red, a__blue_png=blue), "zip", skip_bad_rows=True
    )
    assert (upload.state, upload.rows_good, upload.errors) == (ImportState.DONE, 2, [])
    gold, ordinary = Task.objects.order_by("id")
    media = MediaFile.objects.get(filename="red.png")
    assert gold.payload == {"units": [{"image": {"media": media.pk, "width": 3, "height": 2}, "note": "first"}]}
    assert (gold.is_gold, ordinary.is_gold) == (True, False)
    assert (media.content_type, media.size) == ("image/png", len(red))
    with default_storage.open(media.storage_name) as file:
        assert file.read() == red
    assert len(stored_files()) == 2


def test_a_pair_of_pictures_is_two_files_of_one_item(requester: User, organisation: Organisation, web: Site) -> None:
    pair = IMAGE | {"data": {"kind": "image", "field": "left", "beside": "right"}}
    boxes = {"id": "q", "kind": "boxes", "text": "Where?", "labels": ["cat"]}
    with pytest.raises(BadInput, match="Nothing can be marked"):
        make_draft(actor=requester, organisation=organisation, label_config=pair | {"questions": [boxes]})
    project = make_draft(actor=requester, organisation=organisation, label_config=pair)
    manifest = b"left,right,gold\nred.png,blue.png,cat\nred.png,,\nred.png,green.png,\n"
    files = {"manifest_csv": manifest, "red_png": png("red"), "blue_png": png("blue")}
    refused = bring(requester, project, zipped(**files), "zip")
    assert [(one["row"], one["column"]) for one in refused.errors[1:]] == [(3, "right"), (4, "right")]
    assert stored_files() == []
    assert bring(requester, project, zipped(**files), "zip", skip_bad_rows=True).rows_good == 1
    web.pages["/cat.png"] = (200, {}, png())
    bring(requester, project, f"left,right\n{web.url('/cat.png')},{web.url('/cat.png')}\n")
    for item in Item.objects.all():
        files_of = {"left": item.media_id, "right": item.beside_id}
        payload = Task.objects.get(item=item).payload["units"][0]
        assert {name: payload[name]["media"] for name in files_of} == files_of
        assert payload["left"]["media"] != payload["right"]["media"]
    shown = make_payload(Task.objects.all()[0], pair, requester)["units"][0]
    assert all(shown[name]["media"].startswith("signed:") for name in ("left", "right"))
    all_is_well()
    config.set_config(actor=requester, project_id=project.pk, config=pair | {"cannot_answer": False})  # cut anew
    assert {"left", "right"} <= Task.objects.all()[0].payload["units"][0].keys()


def make_payload(task: Task, asked: dict[str, Any], user: User) -> dict[str, Any]:
    return shown_of.payload(task, config=asked, user=user, address=lambda token: f"signed:{token}")


def test_a_zip_of_texts(requester: User, project: Project) -> None:
    bring(requester, project, zipped(a_txt=b"\xef\xbb\xbfHello", b_txt="Grüße".encode()), "zip")
    assert [item.data for item in Item.objects.order_by("id")] == [
        {"file": "a.txt", "text": "Hello"},
        {"file": "b.txt", "text": "Grüße"},
    ]


def test_a_column_of_addresses_is_fetched(requester: User, organisation: Organisation, web: Site) -> None:
    project = make_draft(actor=requester, organisation=organisation, label_config=IMAGE)
    web.pages["/cat.png?big=1"] = (200, {}, png())
    web.pages["/moved"] = (302, {"Location": "/cat.png?big=1"}, b"")
    content = f"link,animal\n{web.url('/cat.png?big=1')},tabby\n{web.url('/moved')},tom\n"
    upload = bring(requester, project, content, url_column="link")
    assert (upload.state, upload.errors) == (ImportState.DONE, [])
    first, second = MediaFile.objects.order_by("id")
    assert first.sha256 == second.sha256
    assert (first.filename, first.source_url) == ("cat.png", web.url("/cat.png?big=1"))
    task = Task.objects.order_by("id")[0]
    assert task.payload == {
        "units": [{"image": {"media": first.pk, "width": 3, "height": 2}, "animal": "tabby"}]
    }  # the address stays ours
    assert Item.objects.order_by("id")[0].data["link"] == web.url("/cat.png?big=1")


def test_files_from_the_web_are_held_to_a_total_and_nothing_is_left_of_them(
    requester: User, organisation: Organisation, web: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_draft(actor=requester, organisation=organisation, label_config=IMAGE)
    web.pages["/cat.png"] = (200, {}, png())
    content = "image\n" + f"{web.url('/cat.png')}\n" * 3
    for most, state in ((2, ImportState.REFUSED), (3, ImportState.DONE)):
        monkeypatch.setattr(sources, "LIMITS", Limits(max_total_bytes=most * len(png())))
        upload = bring(requester, project, content, skip_bad_rows=True)
        assert upload.state == state
        assert len(stored_files()) == (3 if state == ImportState.DONE else 0)
        assert state == ImportState.DONE or "addresses come to more than" in upload.errors[1]["reason"]


def test_rows_of_media_sent_by_api_wait_for_the_job(requester: User, organisation: Organisation, web: Site) -> None:
    project = make_draft(actor=requester, organisation=organisation, label_config=IMAGE)
    web.pages["/cat.png"] = (200, {}, png())
    upload = items.add(actor=requester, project_id=project.pk, rows=[{"image": web.url("/cat.png"), "gold": "cat"}])
    assert upload.state == ImportState.WAITING
    assert uploads.process(upload_id=upload.pk).state == ImportState.DONE
    assert Task.objects.get().is_gold


def bad_image_rows(web: Site) -> tuple[str, list[tuple[int, str]]]:
    web.pages["/ok.png"] = (200, {}, png())
    web.pages["/page"] = (200, {"Content-Type": "image/png"}, b"<html>")
    web.pages["/song"] = (200, {}, b"ID3\x04")
    rows = [
        (web.url("/ok.png"), ""),
        (web.url("/none.png"), "answered 404"),
        ("http://10.1.2.3/a.png", "not a public address"),
        ("file:///etc/passwd", "not a web address"),
        (web.url("/page"), "none of gif, jpg, pdf, png, webp"),
        (web.url("/song"), "none of gif, jpg, pdf, png, webp"),
        ("", "address or the name of a file is missing"),
    ]
    bad = [(number, reason) for number, (_url, reason) in enumerate(rows, start=2) if reason]
    return "image,x\n" + "".join(f"{url},1\n" for url, _reason in rows), bad


def test_every_address_that_gives_no_image_is_named(requester: User, organisation: Organisation, web: Site) -> None:
    project = make_draft(actor=requester, organisation=organisation, label_config=IMAGE)
    content, bad = bad_image_rows(web)
    upload = bring(requester, project, content)
    assert (upload.state, upload.rows_bad) == (ImportState.REFUSED, 6)
    found = {error["row"]: error for error in upload.errors[1:]}
    assert sorted(found) == [number for number, _reason in bad]
    for number, reason in bad:
        assert found[number]["column"] == "image"
        assert reason in found[number]["reason"]
    assert (Item.objects.count(), MediaFile.objects.count(), stored_files()) == (0, 0, [])


def test_or_the_others_are_imported(requester: User, organisation: Organisation, web: Site) -> None:
    project = make_draft(actor=requester, organisation=organisation, label_config=IMAGE)
    upload = bring(requester, project, bad_image_rows(web)[0], skip_bad_rows=True)
    assert (upload.state, upload.rows_good, upload.rows_bad) == (ImportState.DONE, 1, 6)
    assert len(stored_files()) == MediaFile.objects.count() == 1


def test_media_are_measured_as_they_are_seen(requester: User, organisation: Organisation) -> None:
    """A picture that lies in its file, sounds, films with a cover and without a head that says how long they are."""
    for kind, (name, content), extent in (
        ("image", picture(orientation=6), (200, 100, None)),
        ("audio", sound(), (None, None, 20.0)),
        ("audio", sound(6), (None, None, 20.0)),
        ("audio", sound(7), (None, None, 20.0)),
        ("video", film(cover=True), (200, 100, 20.0)),
        ("video", film("one.webm", "libvpx"), (200, 100, 20.0)),
    ):
        config = {"data": {"kind": kind, "field": "shown"}, "questions": CHOICE["questions"]}
        project = make_draft(actor=requester, organisation=organisation, label_config=config)
        bring(requester, project, zipped(**{name.replace(".", "_"): content}), "zip")
        file = MediaFile.objects.get(project=project)
        assert (file.width, file.height, file.seconds) == extent
        if kind != "audio":  # of a sound any piece is a sound
            upload = bring(requester, project, zipped(**{f"bad{name}".replace(".", "_"): content[:70]}), "zip")
            assert "damaged" in str(upload.errors)


def test_what_browsers_cannot_play_is_refused_with_the_reason(requester: User, organisation: Organisation) -> None:
    for kind, file, said in (
        ("video", {"one_mp4": film(codec="mpeg4")[1]}, "it is coded as mpeg4"),
        ("audio", {"one_wav": sound(rate=2_999)[1]}, "not 2,999"),
    ):
        config = {"data": {"kind": kind, "field": "shown"}, "questions": CHOICE["questions"]}
        project = make_draft(actor=requester, organisation=organisation, label_config=config)
        upload = bring(requester, project, zipped(**file), "zip")
        assert "Browsers cannot play it" in str(upload.errors)
        assert said in str(upload.errors)
        assert not MediaFile.objects.filter(project=project).exists()


def test_recordings_become_clips_by_the_length_that_was_measured(requester: User, organisation: Organisation) -> None:
    """Set before the files come or after, without a column that says how long they play; a known answer stays whole."""
    config = {"data": {"kind": "audio", "field": "shown"}, "questions": CHOICE["questions"]}
    clips = {"by": "seconds", "size": 8, "overlap": 2}
    content = zipped(one_wav=sound()[1])  # 20 seconds
    for split, later in ((clips, {}), ({}, clips)):
        project = make_draft(actor=requester, organisation=organisation, label_config=config, split=split)
        assert bring(requester, project, content, "zip").errors == []
        if later:
            draft.edit(actor=requester, project_id=project.pk, split=later)
        tasks = list(Task.objects.filter(project=project).order_by("pk"))
        places = [{"start": 0, "end": 8}, {"start": 6, "end": 14}, {"start": 12, "end": 20}]
        assert [task.source for task in tasks] == places
        assert [(task.payload["units"][0]["start"], task.payload["units"][0]["end"]) for task in tasks] == [
            (one["start"], one["end"]) for one in places
        ]

    known = make_draft(actor=requester, organisation=organisation, label_config=config, split=clips)
    rows = json.dumps({"shown": "one.wav", "gold": "good"}) + "\n"
    upload = bring(requester, known, zipped(manifest_jsonl=rows.encode(), one_wav=sound()[1]), "zip")
    assert "must stay whole" in upload.errors[1]["reason"]


def test_a_pdf_among_the_pictures_becomes_an_item_a_page(requester: User, organisation: Organisation) -> None:
    """With the row's other columns and keys of their own; a second time they are known. A known answer stays whole."""
    project = make_draft(actor=requester, organisation=organisation, label_config=IMAGE, redundancy=2)
    rows = [{"image": "one.pdf", "id": "report", "year": 1999}, {"image": "red.png", "id": "red", "year": 2001}]

    def sent(*rows: dict[str, Any], **files: bytes) -> Upload:
        manifest = "".join(json.dumps(row) + "\n" for row in rows).encode()
        content = zipped(manifest_jsonl=manifest, **files)
        return bring(requester, project, content, "zip", key_column="id", known_keys="skip")

    both = {"one_pdf": document(3)[1], "red_png": png()}
    upload = sent(*rows, **both)
    assert (upload.errors, upload.rows_good) == ([], 4)
    found = {item.key: item for item in Item.objects.filter(project=project).select_related("media").order_by("pk")}
    assert list(found) == ["report#1", "report#2", "report#3", "red"]
    third = found["report#3"]
    assert third.data == {"image": "one.pdf", "id": "report", "year": 1999, "page": 3, "dpi": 150}
    assert third.media is not None
    assert (third.media.content_type, third.media.width, third.media.height) == ("image/jpeg", 417, 209)
    assert third.media.filename == "one.pdf#3"
    with default_storage.open(third.media.storage_name) as stream, Image.open(stream) as page:
        assert abs(page.convert("L").resize((1, 1)).tobytes()[0] - 120) < 4
    tasks = Task.objects.filter(project=project)
    assert {task.payload["units"][0]["image"]["media"] for task in tasks} == {one.media_id for one in found.values()}

    again = sent(*rows, **both)
    assert (again.errors, again.rows_known, Item.objects.filter(project=project).count()) == ([], 4, 4)
    kept = {f"media/{project.pk}/{upload.pk}/1"}  # of the pages that were known, which were drawn again, nothing
    assert {name.rpartition("/")[0] for name in stored_files()} == kept
    clash = sent({"image": "one.pdf", "id": "a"}, {"image": "red.png", "id": "a#2"}, **both)
    assert "has the same key" in clash.errors[1]["reason"]
    for row, why in (
        ({"image": "one.pdf", "id": "b", "gold": "cat"}, "must stay whole"),
        ({"image": "one.pdf", "id": "c", "page": "7"}, "must not have it already"),
    ):
        assert why in sent(row, one_pdf=both["one_pdf"]).errors[1]["reason"]
    for content in (document(1)[1][:200], b"%PDF-1.7 nothing"):
        assert "damaged" in sent({"image": "one.pdf", "id": "d"}, one_pdf=content).errors[1]["reason"]
    assert Item.objects.filter(project=project).count() == 4


def test_an_odd_page_is_its_rows_fault_alone(
    requester: User, organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long one is drawn less finely, one that is only a line is refused, in the language of who sent it; too many
    pages are refused all together, and not where they are only counted."""
    project = make_draft(actor=requester, organisation=organisation, label_config=IMAGE)
    User.objects.filter(pk=requester.pk).update(language="de")
    odd = zipped(a_pdf=sheet(40_000, 10), b_pdf=sheet(2e9, 0.0001), c_pdf=b"%PDF-1.7 nothing", d_pdf=document(1)[1])
    upload = bring(requester, project, odd, "zip", skip_bad_rows=True)
    assert (upload.state, [one["row"] for one in upload.errors]) == (ImportState.DONE, [2, 3])
    assert "beschädigt" in upload.errors[1]["reason"]
    sizes = MediaFile.objects.filter(project=project).order_by("pk").values_list("width", "height")
    assert list(sizes) == [(20_000, 5), (417, 209)]

    pages = zipped(one_pdf=document(2)[1], two_pdf=document(1)[1])
    with monkeypatch.context() as held:
        held.setattr(pdf, "MOST_PAGES", 1)
        assert bring(requester, project, pages, "zip").rows_bad == 1
        assert pdf.count(io.BytesIO(document(2)[1])) == 2
    for limits in (Limits(max_rows=2), Limits(max_total_bytes=5_000)):
        monkeypatch.setattr(sources, "LIMITS", limits)
        upload = bring(requester, project, pages, "zip", skip_bad_rows=True)
        assert (upload.state, upload.errors[1]["row"]) == (ImportState.REFUSED, 0)
    assert len(stored_files()) == 3  # the long one has a smaller copy


def sheet(width: float, height: float) -> bytes:
    """A PDF of one empty page, in points."""
    file = io.BytesIO()
    with closing(pypdfium2.PdfDocument.new()) as made:
        made.new_page(width, height)
        made.save(file)
    return file.getvalue()


def test_while_a_file_takes_long_its_import_shows_that_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "LOOKED_AFTER_S", 0.01)
    beats = Semaphore(0)

    def slow() -> io.BytesIO:
        assert all(beats.acquire(timeout=60) for _beat in range(3))
        return io.BytesIO(png())

    shelf = Shelf(kind="image", folder="media/slow", brought=Brought(Limits()))
    getter = sources.MediaGetter(shelf, {"image": "image"}, Options(), beats.release)
    row = FileRow(number=1, name="one.png", size=1, open=slow)
    (found,) = getter.get([(row, Prepared(number=1, data={}, wanted={"image": "one.png"}))])
    assert [type(one) for one in found] == [Prepared]


def test_a_known_answer_is_held_against_its_file(requester: User, organisation: Organisation) -> None:
    boxes = {"id": "q", "kind": "boxes", "text": "Mark the cats.", "labels": ["cat"]}
    config = {"data": {"kind": "image", "field": "image"}, "questions": [boxes]}
    project = make_draft(actor=requester, organisation=organisation, label_config=config)
    key = [{"label": "cat", "x": 1, "y": 0, "width": 3, "height": 1}]
    rows = json.dumps({"image": "red.png", "gold": {"q": key}}) + "\n"
    upload = bring(requester, project, zipped(manifest_jsonl=rows.encode(), red_png=png()), "zip")
    assert "outside the image" in next(one["reason"] for one in upload.errors if one["column"] == "gold")
