"""Files of items: stored at once, worked through by a job, imported as a whole or not at all."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection

from crowd.kernel.errors import BadInput, NotFound
from crowd.kernel.transitions import WrongState
from crowd.ledger import queries as ledger
from crowd.projects import jobs
from crowd.projects.errors import ImportUnderWay, Incomplete, NoConfig, TooLarge
from crowd.projects.imports import checking, copy, load
from crowd.projects.imports.spool import Spool
from crowd.projects.models import Item, Project, Task, Upload
from crowd.projects.services import config, draft, items, publish, uploads
from crowd.projects.states import ImportState
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import CHOICE, ROW, make_draft, make_open
from tests.projects.uploads.uploading import bring, send, stored_files, zipped

pytestmark = pytest.mark.django_db


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

    def seen_batch(lines: Iterator[bytes]) -> list[bytes]:
        found = batch(lines)
        loaded.append(sum(map(len, found)))
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


@pytest.mark.slow
def test_many_thousand_rows(requester: User, project: Project) -> None:
    """In many pieces. A hundred thousand are for `make bench-requester`."""
    many = 20_000
    lines = "".join(f"{number},some text of an ordinary length {number},{number % 7}\n" for number in range(many))
    upload = bring(requester, project, "id,text,other\n" + lines, key_column="id")
    assert (upload.state, upload.rows_good) == (ImportState.DONE, many)
    assert Task.objects.count() == many
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
