"""The form editor of questions: every kind there is, made from the schemas of the kinds, and nothing is lost in it."""

import json
import pickle
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client

from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.consensus.models import Consensus
from crowd.consensus.services.aggregate import aggregate
from crowd.labeling.config import LabelConfig, parse
from crowd.labeling.kinds import KINDS
from crowd.projects.models import Project
from crowd.users.models import Organisation, User
from crowd.web.requester import gallery
from crowd.web.requester.gallery import Ready
from crowd.web.requester.mapping_form import MappingForm
from crowd.web.requester.pages import address
from crowd.web.requester.setup import questions, settings
from crowd.web.requester.setup.questions import QuestionForms
from crowd.web.requester.setup.setting_words import GROUPS, WORDS
from tests import make
from tests.make_project import make_draft, make_open


def sent(page_form: Any) -> dict[str, Any]:
    """What a browser sends of a formset as it stands."""
    total = {f"q-{name}": len(page_form.forms) for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    rows = [row for form in page_form for rows in (*form.rows, form.when) for row in rows.forms]
    fields = [field for form in (*page_form, *rows) for field in form]
    return total | {
        one.html_name: one.value() for one in fields if one.value() is not None and one.value() is not False
    }


def posted(data: dict[str, Any]) -> QueryDict:
    query = QueryDict(mutable=True)
    query.update({name: str(value) if value is not True else "on" for name, value in data.items()})
    return query


def through_the_form(asked: Any, shown: str) -> list[dict[str, Any]]:
    about = {"shown": shown}
    first: Any = QuestionForms(prefix="q", initial=questions.initial(asked), form_kwargs=about)
    again: Any = QuestionForms(posted(sent(first)), prefix="q", form_kwargs=about)
    assert again.is_valid(), again.errors
    found: list[dict[str, Any]] = again.to_json()
    return found


@pytest.mark.parametrize("ready", gallery.gallery(), ids=lambda one: one.slug)
def test_every_ready_question_goes_through_the_form_unchanged(ready: Ready) -> None:
    config = parse(ready.config)
    for asked in (ready.questions, config.to_json()["questions"]):
        if any("nodes" in one or "digest" in one for one in asked):
            asked = ready.questions  # once stored, only the digest of a tree is left
        assert questions.fits_form({"questions": asked})
        found = through_the_form(asked, ready.data["kind"])
        assert parse(ready.config | {"questions": found}).questions == config.questions


def test_every_kind_has_words_and_a_place_in_the_form() -> None:
    offered = [kind for _title, _data, kinds in GROUPS for kind, _name in kinds]
    assert sorted(offered) == sorted(KINDS)
    for kind in KINDS:
        names = set(settings.schema_of(kind))
        assert names <= WORDS.keys() | settings.HIDDEN, kind
        assert names == settings.fields_of(kind, ()).keys() | settings.rows_of(kind).keys(), kind


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_typed_stays_when_the_kind_is_changed_and_the_form_is_whole(kind: str) -> None:
    """From a choice to each kind: its own settings with their defaults, and the labels as they were."""
    data = {"q-TOTAL_FORMS": 1, "q-INITIAL_FORMS": 0, "q-0-kind": kind, "q-0-settings_of": "choice"}
    data |= {"q-0-text": "What is it?", "q-0-labels": "a \\| b | A | a\nc", "q-0-required": "on", "q-0-scored": "on"}
    formset: Any = QuestionForms(posted(data), prefix="q", form_kwargs={"shown": "image", "quiet": True})
    form = formset.forms[0]
    assert formset.turned == (kind != "choice")
    assert form["text"].value() == "What is it?"
    assert form["settings_of"].value() == kind
    for name, schema in settings.schema_of(kind).items():
        if name == "labels":
            assert form["labels"].value() == "a \\| b | A | a\nc"
        elif schema.get("type") == "boolean":
            assert bool(form[name].value()) is schema["default"], name


@pytest.mark.django_db
def test_a_condition_a_tree_and_a_record_are_made_in_the_form_and_refused_in_their_place(
    client: Client, requester: User, organisation: Organisation
) -> None:
    project = make_draft(actor=requester, organisation=organisation)
    client.force_login(requester, backend="django.contrib.auth.backends.ModelBackend")
    here = address("setup-question", project.pk)
    data = {"q-TOTAL_FORMS": "3", "q-INITIAL_FORMS": "0", "cannot_answer": "on", "guidelines": ""}
    data |= {"q-0-kind": "rating", "q-0-text": "How good?", "q-0-id": "good", "q-0-required": "on"}
    data |= {"q-1-kind": "taxonomy", "q-1-text": "What?", "q-1-id": "what", "q-1-nodes": "a | Animal\nb | Bee | a"}
    data |= {"q-1-when-0-question": "good", "q-1-when-0-test": "is", "q-1-when-0-value": "4 | 5"}
    data |= {"q-2-kind": "record", "q-2-text": "Correct it.", "q-2-id": "row"}
    data |= {"q-2-fields-0-name": "born", "q-2-fields-0-type": "integer", "q-2-fields-0-minimum": "1900"}
    data |= {"q-2-fields-1-name": "colour", "q-2-fields-1-type": "choice", "q-2-fields-1-labels": "red\nblue"}

    wrong = client.post(here, data | {"q-1-nodes": "a | Animal | nowhere"})
    assert wrong.context["formset"].forms[1].errors["nodes"]
    assert wrong.context["formset"].forms[2]["text"].value() == "Correct it."
    looked = client.post(here, data | {"look": "1"}).context["formset"]
    assert looked.forms[2].rows[0].forms[2]["name"].value() is None  # a row more, and what the page sends is right
    assert not client.post(address("setup-preview", project.pk), sent(looked)).context.get("fault")
    assert not client.post(address("setup-preview", project.pk), data).context.get("fault")

    labels = address("setup-labels", project.pk)  # what the preview's search finds, before anything is stored
    found = client.post(f"{labels}?question=what&words=bee", data).json()
    assert found == [{"id": "b", "title": "Bee", "path": ["Animal", "Bee"], "more": False}]
    assert [one["id"] for one in client.post(f"{labels}?question=what", data).json()] == ["a"]
    assert f'data-search="{labels}"' in client.post(address("setup-preview", project.pk), data).content.decode()
    assert client.post(f"{labels}?question=what", data | {"q-1-nodes": "a | Animal | nowhere"}).json() == []

    assert client.post(here, data).status_code == 302
    stored = asked(project)
    assert stored["what"]["when"] == [{"question": "good", "is": [4, 5]}]
    assert [(one["name"], one["minimum"], one["labels"]) for one in stored["row"]["fields"]] == [
        ("born", 1900, []),
        ("colour", None, ["red", "blue"]),
    ]
    again = client.get(here).context["formset"]
    assert client.post(here, sent(again) | {"cannot_answer": "on"}).status_code == 302
    assert asked(project) == stored  # the tree too, though the page no longer holds it


def test_a_question_that_goes_takes_no_other_ones_name_and_its_conditions_with_it() -> None:
    data: dict[str, Any] = {"q-TOTAL_FORMS": 4, "q-INITIAL_FORMS": 0}
    for place in range(4):
        data |= {f"q-{place}-kind": "rating", f"q-{place}-text": f"Number {place}?", f"q-{place}-required": "on"}
    data |= {"q-3-when-0-question": "question2", "q-3-when-0-test": "is", "q-3-when-0-value": "4"}

    def named() -> dict[str, str]:
        formset: Any = QuestionForms(posted(data), prefix="q")
        assert formset.is_valid(), formset.errors
        found = formset.to_json()
        assert found[-1]["when"][0]["question"] == data["q-3-when-0-question"]
        return {one["text"]: one["id"] for one in found}

    places = {f"Number {place}?": f"question{place + 1}" for place in range(4)}
    assert named() == places
    data["q-0-DELETE"] = "on"
    del places["Number 0?"]
    assert named() == places
    data |= {"q-0-id": "question1", "q-1-id": "question3", "q-3-when-0-question": "question4"}
    assert named() == {"Number 1?": "question3", "Number 2?": "question4", "Number 3?": "question5"}, (
        "none is called twice"
    )


def test_what_has_no_room_in_a_line_is_edited_where_it_has() -> None:
    broken = {"id": "a", "kind": "number", "text": "How long?\nLook twice.", "help": "One.\nTwo.", "unit": "cm"}
    assert questions.fits_form({"questions": [broken]})
    (back,) = through_the_form([broken], "text")
    assert (back["text"], back["help"]) == (broken["text"], broken["help"])
    assert not questions.fits_form({"questions": [broken | {"unit": "cm\nor so"}]})
    row = {"name": "born", "type": "integer", "title": "The year\nof birth"}
    assert not questions.fits_form({"questions": [{"id": "a", "kind": "record", "text": "?", "fields": [row]}]})


def asked_version(project: Project) -> int:
    project.refresh_from_db()
    assert project.config is not None
    return project.config.version


def asked(project: Project) -> dict[str, Any]:
    project.refresh_from_db()
    assert project.config is not None
    return {one["id"]: one for one in project.config.config["questions"]}


@pytest.mark.django_db
def test_another_version_that_cannot_be_is_refused_with_its_reason_and_nothing_is_changed(
    client: Client, requester: User, organisation: Organisation
) -> None:
    rows = [{"text": "a cat"}, {"text": "gold", "gold": "good"}]
    project = make_open(actor=requester, organisation=organisation, rows=rows, quiz_length=1, quiz_cap=2)
    client.force_login(requester, backend="django.contrib.auth.backends.ModelBackend")
    edit, look = address("setup-question", project.pk), address("reconfigure", project.pk)
    now = sent(client.get(edit).context["formset"]) | {"cannot_answer": "on", "pass_mark": "1"}
    kind = client.post(edit, now | {"q-0-kind": "multi-choice", "q-0-settings_of": "multi-choice"})
    assert "A question keeps its kind" in kind.content.decode()
    long = client.post(edit, now | {"q-0-text": "Other words?", "guidelines": "x" * 100_001})
    assert "at most 100000 characters" in long.content.decode()  # and the words are as they were
    begun = client.post(edit, now | {"q-0-labels": "bad\nfine", "guidelines": "Look twice."})
    form = {"config": begun.context["form"]["config"].value(), "guidelines": "Look twice."}
    assert begun.context["form"]["m0-0"].value() == "+fine"  # one went and one came: probably renamed
    assert client.post(look, form | {"confirm": "1"}).status_code == 400  # it says nothing of the label that is gone
    dropped = form | {"m0-0": "-"}
    seen = client.post(look, dropped).context
    refused = client.post(look, dropped | {"confirm": "1", "looked": seen["looked"], "at_most_micros": "0"})
    assert "known answers would say nothing any more" in refused.content.decode()
    project.refresh_from_db()
    assert project.config is not None
    assert project.config.version == 1
    seen = client.post(look, form | {"m0-0": "+fine"}).context
    wordy = form | {"m0-0": "+fine", "guidelines": "x" * 100_001}
    refused = client.post(look, wordy | {"confirm": "1", "looked": seen["looked"], "at_most_micros": "0"})
    assert "at most 100000 characters" in refused.content.decode()
    assert project.config.version == asked_version(project) == 1  # both or neither
    done = client.post(look, form | {"m0-0": "+fine", "confirm": "1", "looked": seen["looked"], "at_most_micros": "0"})
    assert done.headers["Location"] == address("project", project.pk)
    project.refresh_from_db()
    assert project.guidelines is not None
    assert project.guidelines.text == "Look twice."
    assert client.post(look, {"config": "[]"}).status_code == 404
    back = client.post(edit, form | {"edit": "1", "guidelines": ""}).context["about"]
    assert back["guidelines"].value() == ""  # emptied is not unchanged
    begun = client.post(edit, now | {"q-0-labels": "fine\nbad\nodd", "guidelines": ""})
    form = {name: begun.context["form"][name].value() for name in ("config", "guidelines")}
    done = client.post(look, form | {"confirm": "1", "looked": begun.context["looked"], "at_most_micros": "0"})
    assert done.headers["Location"] == address("project", project.pk)
    project.refresh_from_db()
    assert project.guidelines.text == ""


def test_of_more_labels_than_menus_can_ask_about_a_list_is_read_and_nothing_is_dropped_without_a_word() -> None:
    def config(letter: str, labels: int) -> LabelConfig:
        asked = {"id": "a", "kind": "choice", "text": "?", "labels": [f"{letter}{n}" for n in range(labels)]}
        return parse({"data": {"kind": "text", "field": "text"}, "questions": [asked]})

    def form(file: bytes = b"", **data: str) -> MappingForm:
        given, new = QueryDict(mutable=True), config("b", 2_000)
        given.update({"config": "{}"} | data)
        files = {"file0": SimpleUploadedFile("mapping.csv", file)} if file else {}
        return MappingForm(config("a", 2_000), new, given, files)

    silent = form(list0="a0 | b1\na1\tb2\na2 | -")
    assert (silent.is_valid(), list(silent.errors)) == (False, ["rest0"])
    assert "1997 labels are in no line, such as a3" in str(silent.errors)
    wrong = form(list0="a0 | b1\nc1 | b2\na0 | b2\na4 | b9999\na5 |", rest0="-")
    assert [str(fault)[:7] for fault in wrong.errors["list0"]] == ["Line 2:", "Line 3:", "Line 4:", "Line 5:"]
    blank = form(list0="\na0 | b1\n\n\nzz | b1", rest0="-")
    assert [str(fault)[:7] for fault in blank.errors["list0"]] == ["Line 5:"]
    for written in (b'\xef\xbb\xbfa0;b1\r\n\r\n"a1";"b,2"', b'a0,b1\n\na1,"b,2"', b"a0\tb1\tnote\n\na1\tb,2\n"):
        assert [str(fault)[:10] for fault in form(written, rest0="-").errors["list0"]] == ["Line 3: b,"]
    unread = form(b"a0,b1\na1," + b"x" * 200_000, list0="a0 | b1", rest0="")
    assert (list(unread.errors), unread["list0"].value()) == (["file0"], "a0 | b1")
    assert "row 2: This row is longer than 10,000 bytes." in str(unread.errors["file0"])
    right = form(list0="a0 | b1\na1\tb2\na2 | -", rest0="-")
    assert right.is_valid()
    said = right.wanted().mapping["a"]
    assert (len(said), said["a0"], said["a1"], said["a2"], said["a1999"]) == (2_000, "b1", "b2", None, None)
    dashed = parse({**config("b", 2_000).to_json(), "questions": [
        {"id": "a", "kind": "choice", "text": "?", "labels": ["-", *(f"b{n}" for n in range(2_000))]}
    ]})  # fmt: skip
    unclear = MappingForm(config("a", 2_000), dashed, {"config": "{}", "list0": "a0 | b0\na1 | -", "rest0": "-"})
    assert "Line 2: The new version has a label called -." in str(unclear.errors["list0"])
    one = config("a", 3).question("a")
    assert one.own_labels is one.own_labels  # made once, and nothing that cannot be sent to another process
    assert pickle.loads(pickle.dumps(one)) == one
    few = MappingForm(config("a", 3), config("a", 2), {"config": "{}", "m0-0": "-"})
    assert few.is_valid()
    assert few.wanted().mapping == {"a": {"a2": None}}


@pytest.mark.django_db
def test_a_choice_within_a_record_is_asked_about_within_its_field(
    client: Client, requester: User, organisation: Organisation
) -> None:
    def asking(tones: list[str], sizes: list[str]) -> dict[str, Any]:
        fields = [{"name": name, "type": "choice", "labels": some} for name, some in (("tone", tones), ("size", sizes))]
        one = {"id": "a", "kind": "record", "text": "How is it?", "fields": [*fields, {"name": "note"}]}
        return {"data": {"kind": "text", "field": "text"}, "questions": [one]}

    asked_now = asking(["dark", "pale"], ["big", "small"])
    project = make_open(actor=requester, organisation=organisation, label_config=asked_now, redundancy=1)
    held = take.take_next(worker=make.make_worker(), project_id=project.pk)
    said = {"a": {"tone": "dark", "size": "big", "note": "dark"}}
    submit(worker=held.worker, assignment_id=held.pk, value=said, take_next=False)
    aggregate(project.pk)
    client.force_login(requester, backend="django.contrib.auth.backends.ModelBackend")
    look = address("reconfigure", project.pk)
    form = {"config": json.dumps(asking(["black", "white"], ["small", "big", "huge"]))}
    begun = client.post(look, form).context["form"]
    assert {name: [value for value, _words in field.field.choices] for name, field in begun.groups[0].menus} == {
        name: ["", "+tone.black", "+tone.white", "-"] for name in ("tone.dark", "tone.pale")
    }
    chosen = form | {"m0-0": "+tone.black", "m0-1": "-"}
    seen = client.post(look, chosen | {"again0": "size.big"}).context
    assert (seen["plan"].touched, seen["plan"].tasks) == (1, 1)
    assert client.post(look, form | {"m0-0": "+size.huge", "m0-1": "-"}).status_code == 400
    seen = client.post(look, chosen).context
    client.post(look, chosen | {"confirm": "1", "looked": seen["looked"], "at_most_micros": "0"})
    assert asked_version(project) == 2
    aggregate(project.pk)
    assert Consensus.objects.get(project=project).value == said["a"] | {"tone": "black"}


@pytest.mark.django_db
def test_a_list_begins_with_the_labels_that_merged_marks_have(
    client: Client, requester: User, organisation: Organisation
) -> None:
    def marks(letter: str) -> dict[str, Any]:
        asked = {"id": "where", "kind": "spans", "text": "?", "labels": [f"{letter}{n}" for n in range(1_100)]}
        return {"data": {"kind": "text", "field": "text"}, "questions": [asked]}

    rows = [{"text": "Anna met Bo"}]
    project = make_open(
        actor=requester, organisation=organisation, rows=rows, label_config=marks("a"), redundancy=1
    )  # fmt: skip
    worker = make.make_worker()
    held = take.take_next(worker=worker, project_id=project.pk)
    said = [{"label": "a3", "start": 0, "end": 4}, {"label": "a7", "start": 9, "end": 11}]
    submit(worker=worker, assignment_id=held.pk, value={"where": said}, take_next=False)
    aggregate(project.pk)
    client.force_login(requester, backend="django.contrib.auth.backends.ModelBackend")
    begun = client.post(address("setup-question-json", project.pk), {"config": json.dumps(marks("b"))})
    assert begun.context["form"]["list0"].value() == "a3 | \na7 | "


@pytest.mark.django_db
def test_another_tree_of_many_labels_is_mapped_by_a_list_or_a_file(
    client: Client, requester: User, organisation: Organisation
) -> None:
    """A thousand and more labels go; two of them were answers: one is renamed, one is asked again."""

    def tree(letter: str, count: int) -> dict[str, Any]:
        nodes = [["root", "All"], *([f"{letter}{n}", f"Thing {letter} {n}", "root"] for n in range(count))]
        asked = {"id": "what", "kind": "taxonomy", "text": "What?", "nodes": nodes, "leaves": True}
        return {"data": {"kind": "text", "field": "text"}, "questions": [asked]}

    project = make_open(
        actor=requester, organisation=organisation, rows=[{"text": "1"}, {"text": "2"}], label_config=tree("a", 1_500),
        redundancy=1,
    )  # fmt: skip
    worker = make.make_worker()
    for _row in range(2):
        held = take.take_next(worker=worker, project_id=project.pk)
        said = "a" + held.task.payload["units"][0]["text"]
        submit(worker=worker, assignment_id=held.pk, value={"what": said}, take_next=False)
    aggregate(project.pk)
    make.make_money(organisation, 1_000_000)
    client.force_login(requester, backend="django.contrib.auth.backends.ModelBackend")
    new, look = tree("b", 1_500), address("reconfigure", project.pk)
    begun = client.post(address("setup-question-json", project.pk), {"config": json.dumps(new)})
    form = begun.context["form"]
    assert sorted(form["list0"].value().splitlines()) == ["a1 | ", "a2 | "]
    sent = {"config": form["config"].value(), "guidelines": ""}

    unsaid = client.post(look, sent | {"list0": form["list0"].value(), "rest0": "-"})
    assert "Say what becomes of a1" in unsaid.content.decode()
    branch = client.post(look, sent | {"list0": "a1 | root\na2 | -", "rest0": "-"})
    assert "has labels below it" in branch.content.decode()
    file = SimpleUploadedFile("mapping.csv", b"a1,b7\r\na2,-\r\n")
    seen = client.post(look, sent | {"list0": "", "rest0": "-", "file0": file}).context
    assert (seen["plan"].touched, seen["plan"].tasks) == (2, 1)
    done = {"list0": seen["form"]["list0"].value(), "rest0": "-", "confirm": "1", "looked": seen["looked"]}
    assert client.post(look, sent | done | {"at_most_micros": seen["plan"].price_micros}).status_code == 302

    aggregate(project.pk)
    assert list(Consensus.objects.filter(project=project).values_list("value", flat=True)) == ["b7"]
    project.refresh_from_db()
    assert project.config is not None
    assert (project.config.version, len(project.config.mapping["what"])) == (2, 1_500)
