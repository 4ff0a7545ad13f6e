"""Files of items: stored at once, worked through by a job, imported as a whole or not at all."""

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import timedelta
from threading import Event, Semaphore
from typing import Any

import psycopg
import pypdfium2
import pytest
from celery import current_app
from django.core.files.storage import default_storage
from django.db import OperationalError, connection
from PIL import Image

from crowd.kernel import clock, locks
from crowd.kernel.errors import BadInput, NotFound
from crowd.kernel.transitions import WrongState
from crowd.labeling.formats.rows import Limits
from crowd.labeling.formats.zip_files import FileRow
from crowd.ledger import queries as ledger
from crowd.projects import jobs
from crowd.projects import shown as shown_of
from crowd.projects.errors import BadRows, ImportUnderWay, Incomplete, NoConfig, TooLarge
from crowd.projects.imports import checking, copy, files, load, pdf, sources
from crowd.projects.imports.media import Brought, Shelf
from crowd.projects.imports.options import Options
from crowd.projects.imports.ready import Ready
from crowd.projects.imports.rows import Prepared
from crowd.projects.imports.spool import Spool
from crowd.projects.models import Item, MediaFile, Project, Task, Upload
from crowd.projects.services import config, draft, items, publish, uploads
from crowd.projects.states import ImportState
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import CHOICE, IMAGE, ROW, make_draft, make_open
from tests.media import document, film, picture, sound
from tests.projects.servers import Site, png, site
from tests.races import PATIENCE_S, errors, meeting, together

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    return make_draft(actor=requester, organisation=organisation)


@pytest.fixture
def web(settings: Any) -> Iterator[Site]:
    settings.CROWD_FETCH_ALLOW_PRIVATE = ["127.0.0.1/32"]
    with site() as running:
        yield running


def send(actor: User, project: Project, content: bytes | str, format: str = "csv", **options: Any) -> Upload:
    """Received, but not worked through."""
    stream = io.BytesIO(content.encode() if isinstance(content, str) else content)
    return uploads.receive(
        actor=actor, project_id=project.pk, stream=stream, filename=f"rows.{format}", format=format, options=options
    )


def bring(actor: User, project: Project, content: bytes | str, format: str = "csv", **options: Any) -> Upload:
    """Received and worked through."""
    return uploads.process(upload_id=send(actor, project, content, format, **options).pk)


def zipped(**files: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return file.getvalue()


def stored_files() -> list[str]:
    """Everything in the storage, uploads and media."""

    def walk(folder: str) -> Iterator[str]:
        try:
            folders, names = default_storage.listdir(folder)
        except FileNotFoundError:
            return
        yield from (f"{folder}/{name}" for name in names)
        for one in folders:
            yield from walk(f"{folder}/{one}")

    return sorted([*walk("uploads"), *walk("media")])


@pytest.fixture(autouse=True)
def nothing_stored() -> None:
    for name in stored_files():
        default_storage.delete(name)


def test_a_csv_becomes_items_and_tasks(requester: User, project: Project) -> None:
    content = 'id,text,gold,gold_reason\r\n1,"Hello, you",,\r\n2,"Two\nlines",good,It is\r\n\r\n3,007,,\r\n'
    upload = send(requester, project, "\ufeff" + content, key_column="id")
    assert (upload.state, Item.objects.count()) == (ImportState.WAITING, 0)

    jobs.process_upload(upload.pk)

    upload.refresh_from_db()
    assert (upload.state, upload.rows_good, upload.rows_bad, upload.errors) == (ImportState.DONE, 3, 0, [])
    assert upload.finished_at is not None
    assert [item.data["text"] for item in Item.objects.order_by("id")] == ["Hello, you", "Two\nlines", "007"]
    assert Item.objects.get(key="2").data == {"id": "2", "text": "Two\nlines", "gold": "good", "gold_reason": "It is"}
    assert [task.is_gold for task in Task.objects.order_by("id")] == [False, True, False]
    assert stored_files() == []  # the file has done its duty
    all_is_well()


def test_json_lines_keep_their_types(requester: User, organisation: Organisation) -> None:
    project = make_draft(actor=requester, organisation=organisation, label_config=ROW)
    rows: list[dict[str, Any]] = [{"n": 1, "f": 0.5, "none": None, "list": [1, "é"]}, {"n": "1", "gold": "yes"}]
    bring(requester, project, "\n".join(json.dumps(row) for row in rows), "jsonl")
    assert [item.data for item in Item.objects.order_by("id")] == rows


def test_no_text_is_taken_for_what_it_means_to_copy(requester: User, project: Project) -> None:
    """COPY has words of its own: the end of a cell and of a row, nothing, the end of all."""
    texts = ["a\tb", "a\nb\r\nc\rd", "\\N", "\\.", "\\", "\\t \\\\n", '"{}', "a\x0b \x1e \x1f \x85 \u2028", "é 🎈"]
    plain = [{"text": text, "id": f"{text}{number}"} for number, text in enumerate(texts)]
    known = [{"text": text, "id": f"{text}gold", "gold": "good", "gold_reason": f"x{text}x"} for text in texts]
    upload = bring(requester, project, "\n".join(map(json.dumps, plain + known)), "jsonl", key_column="id")
    assert (upload.state, upload.errors) == (ImportState.DONE, [])
    stored = Item.objects.order_by("id")
    assert [(item.data, item.key) for item in stored] == [(row, row["id"].strip()) for row in plain + known]
    assert [item.gold_reason for item in stored] == [""] * len(texts) + [row["gold_reason"] for row in known]
    tasks = Task.objects.order_by("id")
    assert [task.shown_units for task in tasks] == [[{"text": text}] for text in texts * 2]
    assert [task.gold_reason for task in tasks] == [item.gold_reason for item in stored]
    assert [task.item_id for task in tasks] == [item.pk for item in stored]


def test_rows_of_many_tasks_go_in_batch_after_batch(
    requester: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft.edit(actor=requester, project_id=project.pk, split={"by": "sentence"})
    monkeypatch.setattr(load, "BATCH_LINES", 3)
    monkeypatch.setattr(load, "BATCH_BYTES", 300)  # some by their number, some by their size, in the middle of a row
    rows = ["One. Two. Three.,", "Four.,4", "Five. Six.,", "Seven.,", f"{'X' * 400}. {'Y' * 400}.,2"]
    bring(requester, project, "\n".join(["text,wanted", *rows]), redundancy_column="wanted")
    pieces = [
        (task.shown_units[0]["text"][:6], task.needed, task.item.data["text"][:4])
        for task in Task.objects.order_by("id")
    ]
    own = project.redundancy
    assert pieces == [
        *[(text, own, "One.") for text in ("One.", "Two.", "Three.")],
        ("Four.", 4, "Four"),
        *[(text, own, "Five") for text in ("Five.", "Six.")],
        ("Seven.", own, "Seve"),
        *[(letter * 6, 2, "XXXX") for letter in "XY"],
    ]
    all_is_well()


def test_tasks_that_are_many_times_their_row_are_never_held_together(
    requester: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each piece of a row repeats its other columns: 300 times 20 kB here, with and without a key."""
    draft.edit(actor=requester, project_id=project.pk, split={"by": "sentence"})
    asked, spooled, loaded, written = list[int](), list[int](), list[int](), list[int]()
    new, fill, batch, write = checking._new, Spool.fill, load._batch, psycopg.Copy.write

    def seen_new(pairs: list[Any], *more: Any) -> Any:
        asked.append(len(pairs))
        return new(pairs, *more)

    def measured(lines: Iterable[bytes]) -> Iterator[bytes]:
        for line in lines:
            spooled.append(len(line))
            yield line

    def seen_fill(self: Spool, lines: Iterable[bytes]) -> None:
        fill(self, measured(lines))

    def seen_batch(lines: Iterator[Ready]) -> list[Ready]:
        found = batch(lines)
        loaded.append(sum(len(line.cells) for line in found))
        return found

    def seen_write(self: Any, lines: bytes) -> None:
        written.append(len(lines))
        write(self, lines)

    monkeypatch.setattr(checking, "_new", seen_new)
    monkeypatch.setattr(checking, "BATCH_WEIGHT", 100_000)  # less than one of the rows with its pieces
    monkeypatch.setattr(Spool, "fill", seen_fill)
    monkeypatch.setattr(load, "_batch", seen_batch)
    monkeypatch.setattr(load, "BATCH_BYTES", 2_000_000)
    monkeypatch.setattr(psycopg.Copy, "write", seen_write)
    row = f"{'One. ' * 300},{'x' * 20_000}"
    for key, rows in (("", f"text,more\n{row}\n"), ("id", f"text,more,id\n{row},1\n{row},2\n")):
        assert bring(requester, project, rows, key_column=key).state == ImportState.DONE
    line = 25_000
    assert (Task.objects.count(), asked) == (900, [1, 1])
    assert sum(spooled) > 18_000_000
    assert (max(spooled) < line, max(loaded) < 2_000_000 + line, max(written) < copy.WRITTEN_BYTES + line) == (
        True,
    ) * 3

    monkeypatch.setattr("crowd.labeling.split.MAX_REPEATED", 5_000_000)
    refused = bring(requester, project, f"text,more\nOne.,\n{row}\n")
    assert [(error["row"], error["column"]) for error in refused.errors] == [(0, ""), (3, "text")]
    assert "more than 5,000,000 characters" in refused.errors[1]["reason"]
    all_is_well()


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


BROKEN_ZIP = zipped(a_txt=b"Hello there, this is some text", b_txt=b"more")
BROKEN_ZIP = BROKEN_ZIP.replace(b"some text", b"other txt")


@pytest.mark.parametrize(
    ("format", "content", "row", "column", "reason"),
    [
        ("csv", "", 1, "", "no header"),
        ("csv", "body\nx\n", 1, "text", "missing"),
        ("csv", "text;gold\nx;good\n", 1, "", "semicolon"),
        ("csv", "text,text\na,b\n", 1, "text", "Two columns"),
        ("csv", "text,gold\na,good\nb,ugly\n", 3, "gold", "not one of the labels"),
        ("csv", "text,gold\na\n", 2, "", "1 cells"),
        ("csv", 'text\n"never closed\n', 2, "", "never closed"),
        ("csv", b"text\nok\ngr\xfc\xdfe\n", 3, "", "UTF-8"),
        ("csv", "text\nNU\x00L\n", 2, "", "NUL"),
        ("csv", "text\n\n", 0, "", "no rows"),
        ("csv", b"text\n" + b"x" * (11 << 20), 2, "", "bytes"),
        ("jsonl", '{"text": "a"}\n{"text": "b"\n', 2, "", "not JSON"),
        ("jsonl", '[{"text": "a"}]', 1, "", "JSON list"),
        ("jsonl", '{"text": "a", "text": "b"}', 1, "", "twice"),
        ("jsonl", '{"txt": "a"}', 1, "text", "missing"),
        ("jsonl", '{"text": NaN}', 1, "", "NaN"),
        ("zip", b"PK no zip", 0, "", "zip"),
        ("zip", BROKEN_ZIP, 1, "file", "damaged"),
        ("zip", zipped(a_txt=b"gr\xfc\xdfe"), 1, "file", "not UTF-8"),
    ],
)
def test_a_bad_file_is_refused_with_the_place_and_leaves_nothing(
    requester: User, project: Project, format: str, content: bytes | str, row: int, column: str, reason: str
) -> None:
    upload = bring(requester, project, content, format)
    assert upload.state == ImportState.REFUSED
    fault = upload.errors[-1]
    assert (fault["row"], fault["column"]) == (row, column)
    assert reason in fault["reason"]
    assert (Item.objects.count(), Task.objects.count(), stored_files()) == (0, 0, [])


def test_all_bad_rows_are_counted_and_the_first_thousand_kept(requester: User, project: Project) -> None:
    upload = bring(requester, project, "text,gold\n" + "a,ugly\n" * 1_500 + "a,good\n")
    assert (upload.rows_bad, upload.rows_good, len(upload.errors)) == (1_500, 1, 1_001)
    assert not Item.objects.exists()


def test_a_key_twice_in_a_file_or_known_before(requester: User, project: Project) -> None:
    bring(requester, project, "text,id\na,1\n", key_column="id")
    upload = bring(requester, project, "text,id\nb,1\nc,2\nd,2\n", key_column="id")
    assert [(error["row"], error["reason"]) for error in upload.errors[1:]] == [
        (4, "Row 3 has the same key."),
        (2, "The project has an item with this key."),
    ]
    upload = bring(requester, project, "text,id\nb,1\nc,2\n", key_column="id", known_keys="skip")
    assert (upload.state, upload.rows_good, upload.rows_known) == (ImportState.DONE, 1, 1)


def test_too_large_a_file_is_refused_at_once(requester: User, project: Project, settings: Any) -> None:
    settings.CROWD_UPLOAD_LIMIT_BYTES = 100
    with pytest.raises(TooLarge):
        send(requester, project, b"text\n" + b"x" * 96)
    assert (Upload.objects.count(), stored_files()) == (0, [])
    assert bring(requester, project, b"text\n" + b"x" * 95).state == ImportState.DONE


@pytest.mark.parametrize("format", ["xls", "json", ""])
def test_other_formats_are_refused_at_once(requester: User, project: Project, format: str) -> None:
    with pytest.raises(BadInput, match="csv, jsonl, zip"):
        send(requester, project, "text\na\n", format)
    assert stored_files() == []


def test_rows_in_a_zip_make_no_sense(requester: User, organisation: Organisation) -> None:
    project = make_draft(actor=requester, organisation=organisation, label_config=ROW)
    upload = bring(requester, project, zipped(a_txt=b"x"), "zip")
    assert "send rows as CSV" in upload.errors[-1]["reason"]


def test_who_may_send_and_when(
    requester: User, stranger: User, staff: User, organisation: Organisation, project: Project
) -> None:
    with pytest.raises(NotFound):
        send(stranger, project, "text\na\n")
    with pytest.raises(NotFound):
        send(staff, project, "text\na\n")
    bare = draft.create(actor=requester, organisation=organisation, title="Bare", reward_micros=1)
    with pytest.raises(NoConfig):
        send(requester, bare, "text\na\n")
    draft.discard(actor=requester, project_id=project.pk)
    with pytest.raises(WrongState):
        send(requester, project, "text\na\n")
    assert stored_files() == []


def test_what_tasks_are_cut_from_stays_while_an_import_waits(requester: User, project: Project) -> None:
    upload = send(requester, project, "text\na\n")
    for forbidden in (
        lambda: draft.edit(actor=requester, project_id=project.pk, redundancy=7),
        lambda: draft.edit(actor=requester, project_id=project.pk, split={"by": "sentence"}),
        lambda: config.set_config(actor=requester, project_id=project.pk, config={**CHOICE, "pass_mark": 0.5}),
        lambda: draft.discard(actor=requester, project_id=project.pk),
        lambda: items.clear(actor=requester, project_id=project.pk),
    ):
        with pytest.raises(ImportUnderWay):
            forbidden()
    with pytest.raises(Incomplete, match="still being imported"):
        publish.publish(actor=requester, project_id=project.pk)
    draft.edit(actor=requester, project_id=project.pk, title="Words may change")
    uploads.process(upload_id=upload.pk)
    draft.edit(actor=requester, project_id=project.pk, redundancy=7)
    assert Task.objects.get().needed == 7


def test_an_import_into_a_published_project_pays_or_is_refused(requester: User, organisation: Organisation) -> None:
    project = make_open(actor=requester, organisation=organisation, redundancy=2)
    purse = make.make_money(organisation, 4 * 48_000 - 1)
    upload = bring(requester, project, "text\na\nb\n")
    assert upload.state == ImportState.REFUSED
    assert "$0.000001 are missing" in upload.errors[0]["reason"]
    assert (Task.objects.count(), ledger.balance(purse)) == (3, 4 * 48_000 - 1)
    make.make_money(organisation, 1)
    assert bring(requester, project, "text\na\nb\n").state == ImportState.DONE
    assert (Task.objects.count(), ledger.balance(purse)) == (5, 0)
    all_is_well()


def test_a_project_that_began_to_close_takes_nothing(requester: User, organisation: Organisation) -> None:
    project = make_open(actor=requester, organisation=organisation)
    make.make_money(organisation, 10**9)
    upload = send(requester, project, "text\na\n")
    publish.start_closing(actor=requester, project_id=project.pk)
    upload = uploads.process(upload_id=upload.pk)
    assert (upload.state, Task.objects.count()) == (ImportState.REFUSED, 3)
    all_is_well()


# --- Crashes, lost messages, two at once -------------------------------------------------------------------------
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


def wait_until_another_waits() -> None:
    """Until another connection waits for a lock that this one holds."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
    ends = time.monotonic() + 60
    with connection.cursor() as cursor:
        while time.monotonic() < ends:
            cursor.execute(waiting)
            if cursor.fetchall()[0][0]:
                return
    raise AssertionError("nobody waits")


def _import_and_add(requester: User, project: Project, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """An import has loaded its rows, but not committed; at that moment the same key is added by API."""
    upload = send(requester, project, "text,id\na,1\n", key_column="id")
    loaded = Event()

    def slow(*args: Any, **kwargs: Any) -> Any:
        cut = load.load_packed(*args, **kwargs)
        loaded.set()
        wait_until_another_waits()
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


@pytest.mark.slow
def test_a_hundred_thousand_rows(requester: User, project: Project) -> None:
    lines = "".join(f"{number},some text of an ordinary length {number},{number % 7}\n" for number in range(100_000))
    upload = bring(requester, project, "id,text,other\n" + lines, key_column="id")
    assert (upload.state, upload.rows_good) == (ImportState.DONE, 100_000)
    assert Task.objects.count() == 100_000
    assert list(Task.objects.values_list("item__key", flat=True).order_by("id")[:3]) == ["0", "1", "2"]


def test_a_large_file_after_a_small_one_reads_no_table_again_and_again(requester: User, project: Project) -> None:
    """The connection has checked foreign keys while the tables were small, and keeps what it learnt."""

    def checked() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            cursor.execute("SELECT sum(seq_tup_read) FROM pg_stat_xact_user_tables WHERE relname LIKE 'projects_%'")
            return int(cursor.fetchone()[0])

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE projects_item, projects_task")
    for number in range(8):  # after five times PostgreSQL makes a plan for good
        bring(requester, project, f"id,text\nsmall{number},one\n", key_column="id")
        before = checked()
    bring(requester, project, "id,text\n" + "".join(f"{number},x\n" for number in range(3_000)), key_column="id")
    assert checked() - before < 20 * 3_000


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


def test_a_film_that_browsers_cannot_play_is_refused_with_the_reason(
    requester: User, organisation: Organisation
) -> None:
    config = {"data": {"kind": "video", "field": "shown"}, "questions": CHOICE["questions"]}
    project = make_draft(actor=requester, organisation=organisation, label_config=config)
    upload = bring(requester, project, zipped(one_mp4=film(codec="mpeg4")[1]), "zip")
    assert "Browsers cannot play it: it is coded as mpeg4" in str(upload.errors)
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
    assert len(stored_files()) == 2


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
