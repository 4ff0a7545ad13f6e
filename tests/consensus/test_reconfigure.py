"""Version n + 1 of a label config while a project is answered: what was said stays, only what must be is asked anew."""

import json
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest

from crowd.assignments.models import Answer, Assignment
from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.consensus import exports
from crowd.consensus.models import Consensus, Decision, Proposal
from crowd.consensus.services.aggregate import aggregate
from crowd.consensus.services.decide import decide
from crowd.consensus.services.reconfigure import ConfigPlan, Wanted, plan, reconfigure
from crowd.consensus.services.settle import settle
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, Conflict
from crowd.projects.errors import BadRows, BudgetShort, ImportUnderWay
from crowd.projects.models import ConfigVersion, Item, Project, Task
from crowd.projects.services import uploads
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import make_open

pytestmark = pytest.mark.django_db
PRICE = 48_000
MAPPING = {"animal": {"cat": "feline", "wolf": "dog", "bird": None}}


def config(*labels: str, **more: Any) -> dict[str, Any]:
    asked = {"id": "animal", "kind": "choice", "text": "Which animal?", "labels": list(labels)}
    return {"data": {"kind": "text", "field": "text"}, "questions": [asked, *more.values()]}


OLD = config("cat", "dog", "wolf", "bird")
NEW = config("feline", "dog", "fish")
TREE = {"id": "tree", "kind": "taxonomy", "text": "Which?", "digest": "0" * 64}
CHANGED = Wanted(config=NEW, mapping=MAPPING)


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    rows = [{"text": text} for text in ("a cat", "a wolf", "a bird")] + [{"text": "gold", "gold": "cat"}]
    return make_open(
        actor=requester,
        organisation=organisation,
        rows=rows,
        label_config=OLD,
        redundancy=2,
        quiz_length=1,
        quiz_cap=9,
    )


def answered(project: Project) -> None:
    """Two workers say what each text says; of the wolf the second says that it is a dog."""
    for other in (False, True):
        worker = make.make_worker()
        for _ in range(4):
            held = take.take_next(worker=worker, project_id=project.pk)
            animal = {"gold": "cat"}.get(text := held.task.payload["units"][0]["text"], text[2:])
            animal = "dog" if other and animal == "wolf" else animal
            submit(worker=worker, assignment_id=held.pk, value={"animal": animal}, take_next=False)


def merged(project: Project) -> dict[str, Any]:
    aggregate(project.pk)
    rows = Consensus.objects.filter(project=project, task__is_gold=False).select_related("task")
    return {row.task.payload["units"][0]["text"]: (row.value, row.agreement) for row in rows}


def test_labels_are_renamed_merged_dropped_and_added(
    project: Project, requester: User, organisation: Organisation
) -> None:
    answered(project)
    before = list(Answer.objects.order_by("id").values_list("value", "config__version"))
    late = make.make_worker()
    held = take.take_next(worker=late, project_id=project.pk)  # gold, in the old words
    asks: dict[str, Any] = {"actor": requester, "project_id": project.pk, "wanted": CHANGED}

    found = plan(**asks)
    bird = Task.objects.get(project=project, payload__units__0__text="a bird")
    assert found == ConfigPlan(  # both cats and the one wolf read otherwise too
        tasks=1, answers=2, slots=2, price_micros=2 * PRICE, touched=5, first=(bird.pk,)
    )
    with pytest.raises(BudgetShort):
        reconfigure(**asks)
    assert ConfigVersion.objects.filter(project=project).count() == 1
    assert not Assignment.objects.filter(project=project, counts=False, state="submitted").exists()
    make.make_money(organisation, 2 * PRICE, "USD")
    with pytest.raises(Conflict, match="more than you were shown"):
        reconfigure(**asks, at_most_micros=PRICE)
    version, done = reconfigure(**asks, at_most_micros=2 * PRICE)

    assert (version.version, done) == (2, found)
    assert list(Answer.objects.order_by("id").values_list("value", "config__version")) == before
    assert list(Task.objects.filter(open=True).values_list("payload__units__0__text", flat=True)) == ["a bird"]
    assert merged(project) == {"a cat": ("feline", 1.0), "a wolf": ("dog", 1.0)}
    said = [json.loads(line) for line in exports.lines(project, "answers", "jsonl")]
    assert {(row["config"], row["answer"]["animal"]) for row in said} == {(1, "cat"), (1, "wolf"), (1, "dog")}
    all_is_well()

    gold = submit(worker=late, assignment_id=held.pk, value={"animal": "cat"}, take_next=False)
    assert gold.assignment.gold_passed
    assert Item.objects.get(data__text="gold").gold == {"units": [{"animal": "feline"}]}
    held = take.take_next(worker=late, project_id=project.pk)
    submit(worker=late, assignment_id=held.pk, value={"animal": "fish"}, take_next=False)
    assert merged(project)["a bird"] == ("fish", 1.0)
    all_is_well()


def test_a_required_question_more_asks_everything_again_and_an_added_label_only_what_is_named(
    project: Project, requester: User, organisation: Organisation
) -> None:
    answered(project)
    merged(project)
    why = {"id": "why", "kind": "text", "text": "Why?"}
    more = config("cat", "dog", "wolf", "bird", why=why)
    assert plan(actor=requester, project_id=project.pk, wanted=Wanted(config=more)).slots == 6
    optional = config("cat", "dog", "wolf", "bird", "crow", why=why | {"required": False})
    named = Wanted(config=optional, ask_again={"animal": ["bird"]})
    assert plan(actor=requester, project_id=project.pk, wanted=named).slots == 2
    assert plan(actor=requester, project_id=project.pk, wanted=Wanted(config=optional)).slots == 0
    reconfigure(actor=requester, project_id=project.pk, wanted=Wanted(config=optional))
    assert merged(project)["a bird"] == ("bird", 1.0)
    all_is_well()


def test_nobody_is_judged_by_the_words_of_before(requester: User, organisation: Organisation) -> None:
    terms: dict[str, Any] = {"redundancy": 2, "pay_policy": "consensus", "pay_threshold": Decimal("0.5")}
    rows = [{"text": text} for text in ("a cat", "a dog")]
    project = make_open(actor=requester, organisation=organisation, rows=rows, label_config=OLD, **terms)
    for worker in (make.make_worker(), make.make_worker()):
        for _ in rows:
            held = take.take_next(worker=worker, project_id=project.pk)
            said = {"animal": held.task.payload["units"][0]["text"][2:]}
            submit(worker=worker, assignment_id=held.pk, value=said, take_next=False)
    aggregate(project.pk)
    assert not Consensus.objects.filter(posterior__lt=0.5).exists()  # sure enough to hold an answer against somebody
    renamed = Wanted(config=config("feline", "dog", "wolf", "bird"), mapping={"animal": {"cat": "feline"}})
    reconfigure(actor=requester, project_id=project.pk, wanted=renamed)
    assert settle(project.pk) == 4  # before anything is merged in the new words
    assert not Proposal.objects.exists()
    all_is_well()


STARS = {"id": "stars", "kind": "rating", "text": "How clear?", "scored": False}
FIELDS: list[dict[str, Any]] = [
    {"name": "tone", "type": "choice", "labels": ["dark", "pale", "red"]},
    {"name": "note"},
    {"name": "year", "type": "integer"},
    {"name": "size"},
]
FORM: dict[str, Any] = {"id": "form", "kind": "record", "text": "How is it?", "scored": False, "fields": FIELDS}
WHICH = {"id": "which", "kind": "pairwise", "text": "Which?", "labels": ["left", "right"], "scored": False}


def test_whatever_changes_what_was_said_is_read_as_an_answer_of_the_new_version_or_not_at_all(
    requester: User, organisation: Organisation
) -> None:
    """A scale grows shorter, a tie is no answer any more, a decision's label is renamed or dropped, a choice within a
    record too, a known answer has several forms, and an id comes back with another kind of question."""
    key = {"any_of": [{"cannot_answer": {"reason": "unclear"}}, {"animal": "cat"}]}
    rows = [*({"text": text} for text in ("a cat", "a wolf", "a bird")), {"text": "gold", "gold": key}]
    asked = config("cat", "dog", "wolf", "bird", stars=STARS, which=WHICH, form=FORM)
    terms = {"redundancy": 2, "quiz_length": 1, "quiz_cap": 9}
    project = make_open(actor=requester, organisation=organisation, rows=rows, label_config=asked, **terms)
    make.make_money(organisation, 9 * PRICE, "USD")
    for first in (True, False):
        worker = make.make_worker()
        for _ in range(4):
            held = take.take_next(worker=worker, project_id=project.pk)
            text = held.task.payload["units"][0]["text"]
            said = {"animal": "cat" if text == "gold" else text[2:], "stars": 5 if first and text == "a cat" else 2}
            said |= {"which": "tie" if first and text == "a wolf" else "left"}
            form = {"year": 1999, "size": "12.50"} if text == "a cat" else {}
            said |= {"form": {"tone": "dark" if text == "a cat" else "pale", "note": "dark"} | form}
            submit(worker=worker, assignment_id=held.pk, value=said, take_next=False)
    merged(project)
    tasks = {task.payload["units"][0]["text"]: task.pk for task in Task.objects.filter(project=project)}
    for text in ("a wolf", "a bird"):
        decide(project, question="animal", keys=[(tasks[text], 0)], label=text[2:], now=clock.now())

    narrow = config("feline", "dog", "bird", "fowl", stars=STARS | {"highest": 3}, which=WHICH | {"tie": False})
    narrow["questions"].append(FORM | {"fields": [FIELDS[0] | {"labels": ["black", "red"]}, *FIELDS[1:]]})
    mapping: dict[str, Any] = {"animal": {"cat": "feline", "wolf": None, "bird": "fowl"}}
    mapping["form"] = {"tone.dark": "tone.black", "tone.pale": None}
    asks: dict[str, Any] = {"actor": requester, "project_id": project.pk}
    left = Wanted(config=asked, ask_again={"which": ["left"]})
    assert plan(**asks, wanted=left).tasks == 1  # the wolf and the bird were decided
    with pytest.raises(BadInput) as caught:
        plan(**asks, wanted=Wanted(config=narrow, mapping=mapping, ask_again={"animal": ["wolf"]}))
    assert list(caught.value.data["errors"]) == ["ask_again.animal"]
    with pytest.raises(BadInput) as caught:
        plan(**asks, wanted=Wanted(config=narrow, mapping=mapping | {"form": {"tone.dark": "black"}}))
    assert list(caught.value.data["errors"]) == ["mapping.form.tone.dark"]
    done = reconfigure(**asks, wanted=Wanted(config=narrow, mapping=mapping))[1]
    assert (done.tasks, done.answers) == (2, 3)
    assert list(Decision.objects.values_list("task_id", "value")) == [(tasks["a bird"], "fowl")]
    gold: Any = Item.objects.get(data__text="gold").gold
    unclear, feline = gold["any_of"]
    assert ("cannot_answer" in unclear, feline["units"]) == (True, [{"animal": "feline"}])
    aggregate(project.pk)
    found = {(row.task_id, row.question): row.value for row in Consensus.objects.filter(project=project)}
    assert found[tasks["a bird"], "animal"] == "fowl"
    assert found[tasks["a cat"], "stars"] == 2
    assert found[tasks["a wolf"], "which"] == {"choice": "left"}
    assert found[tasks["a cat"], "form"] == {"tone": "black", "note": "dark", "year": 1999, "size": "12.50"}
    assert found[tasks["a bird"], "form"] == {"note": "dark"}

    kept = [FIELDS[1], FIELDS[2] | {"type": "text"}]
    forms = (FORM | {"fields": [*kept, FIELDS[3] | {"type": type}]} for type in ("integer", "number"))
    whole, noted = (config("feline", "dog", "bird", "fowl", form=form) for form in forms)
    with pytest.raises(BadInput) as caught:
        plan(**asks, wanted=Wanted(config=noted, mapping={"form": {"tone.black": "tone.red"}}))
    assert caught.value.data["errors"] == {"mapping.form.tone.black": "'tone' has no labels."}
    assert plan(**asks, wanted=Wanted(config=whole)).first == (tasks["a cat"],)  # "12.50" is no whole number
    done = reconfigure(**asks, wanted=Wanted(config=noted))[1]  # a form's other fields stay, in their new types
    assert (done.tasks, done.touched) == (0, 1)
    aggregate(project.pk)
    form = Consensus.objects.get(task=tasks["a cat"], question="form").value
    assert form == {"note": "dark", "year": "1999", "size": 12.5}
    reconfigure(**asks, wanted=Wanted(config=config("feline", "dog", "bird", "fowl")))
    text = {"id": "which", "kind": "text", "text": "Which?", "required": False}
    reconfigure(**asks, wanted=Wanted(config=config("feline", "dog", "bird", "fowl", which=text)))
    aggregate(project.pk)
    assert not Consensus.objects.filter(project=project, question="which").exists()
    all_is_well()


@pytest.mark.parametrize(
    ("new", "mapping", "place"),
    [
        (NEW, {}, "mapping.animal.cat"),
        (NEW, MAPPING | {"colour": {}}, "mapping.colour"),
        (NEW, {"animal": MAPPING["animal"] | {"cow": "dog"}}, "mapping.animal.cow"),
        (NEW, {"animal": MAPPING["animal"] | {"cat": "felin"}}, "mapping.animal.cat"),
        (NEW, {"animal": {**MAPPING["animal"], "cat": ["feline"]}}, "mapping.animal.cat"),
        ({**OLD, "data": {"kind": "row"}}, {}, "config.data"),
        ({**OLD, "questions": [{"id": "animal", "kind": "text", "text": "Which?"}]}, {}, "config.questions[0].kind"),
        ({**OLD, "questions": []}, {}, "questions"),
        (config("cat", "dog", "wolf", "bird", tree=TREE), {}, "questions[1].nodes"),
    ],
)
def test_what_is_wrong_is_named(
    project: Project, requester: User, new: dict[str, Any], mapping: dict[str, Any], place: str
) -> None:
    with pytest.raises(BadInput) as caught:
        plan(actor=requester, project_id=project.pk, wanted=Wanted(config=new, mapping=mapping))
    assert list(caught.value.data["errors"]) == [place]


def test_a_known_answer_that_would_say_nothing_stops_the_change(project: Project, requester: User) -> None:
    gone = Wanted(config=config("dog", "wolf", "bird"), mapping={"animal": {"cat": None}})
    with pytest.raises(BadRows, match="known answers would say nothing"):
        reconfigure(actor=requester, project_id=project.pk, wanted=gone)
    assert ConfigVersion.objects.filter(project=project).count() == 1


def test_while_a_file_is_read_in_the_words_of_now_they_stay(project: Project, requester: User) -> None:
    lines = b'{"text": "more", "gold": "cat"}\n'
    uploads.receive(
        actor=requester, project_id=project.pk, stream=BytesIO(lines), filename="more.jsonl", format="jsonl"
    )
    with pytest.raises(ImportUnderWay):
        reconfigure(actor=requester, project_id=project.pk, wanted=CHANGED)
