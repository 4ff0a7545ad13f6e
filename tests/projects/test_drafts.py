"""Settings, label config and guidelines of a project: what may be said when, and what is refused with its place."""

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from crowd.consensus.methods import CLOSED
from crowd.kernel.errors import BadInput, NotFound
from crowd.kernel.transitions import WrongState
from crowd.projects.errors import BadRows, Fixed
from crowd.projects.fields import METHODS
from crowd.projects.models import ConfigVersion, GuidelinesVersion, Item, Project, Task
from crowd.projects.services import config, draft, items, publish
from crowd.users.models import AuditEntry, Organisation, User
from tests.check import all_is_well
from tests.make_project import CENT, CHOICE, IMAGE, make_draft, make_open, texts

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("title", "", "from 1 to 200"),
        ("title", "x" * 201, "from 1 to 200"),
        ("title", "NUL\x00", "NUL character"),
        ("title", 5, "must be text"),
        ("reward_micros", -1, "cannot be negative"),
        ("reward_micros", 1.5, "whole number"),
        ("reward_micros", True, "whole number"),
        ("reward_micros", 10**15 + 1, "too large"),
        ("reward_micros", 0, "Only a private team"),
        ("extra_budget_micros", -5, "cannot be negative"),
        ("currency", "ZZZ", "not a currency of this site"),
        ("redundancy", 0, "from 1 to 1000"),
        ("redundancy", 1001, "from 1 to 1000"),
        ("redundancy", "3", "whole number"),
        ("time_limit_s", 0, "from 10"),
        ("gold_share", "0.95", "from 0 to 0.9"),
        ("gold_share", "NaN", "must be a number"),
        ("gold_share", "much", "must be a number"),
        ("gold_share", "0.12345", "four digits"),
        ("minimum_accuracy", 1.2, "from 0 to 1"),
        ("auto_accept_s", 31 * 24 * 3600, "from 0"),
        ("workforce", "robots", "one of public, team"),
        ("workforce", ["public"], "one of public, team"),
        ("pay_policy", "accuracy", "needs a threshold"),
        ("quiz_length", 5, "both a length and a number"),
        ("content_warnings", ["violence", "boredom"], "one of violence"),
        ("content_warnings", "violence", "must be a list"),
        ("personal_data", "lots", "one of none"),
        ("choose_tasks", 1, "true or false"),
        ("split", {"by": "words"}, "'words' is not one of"),
        ("split", {"by": "length", "size": 100, "overlap": 100}, "less than the size"),
        ("split", {"by": "rows", "siz": 3}, "did you mean"),
        ("split", 7, "must be an object"),
        ("aggregation_method", "magic", "one of dawid-skene"),
        ("aggregation_parameters", {"max_iterations": 10**9}, "from 1 to 1000"),
        ("aggregation_parameters", {"threads": 64}, "no such parameter"),
        ("aggregation_parameters", [1], "small object"),
        ("state", "open", "no such setting"),
        ("fee_micros", 0, "no such setting"),
        ("organisation_id", 1, "no such setting"),
    ],
)
def test_a_wrong_setting_is_named_and_nothing_is_made(
    requester: User, organisation: Organisation, name: str, value: Any, sentence: str
) -> None:
    settings = {"title": "Moods", "reward_micros": CENT, name: value}
    with pytest.raises(BadInput) as refused:
        draft.create(actor=requester, organisation=organisation, **settings)
    errors = refused.value.data["errors"]
    places = [place.partition(".")[0] for place in errors]
    assert name in places or (name, places) in [("quiz_length", ["quiz_cap"]), ("pay_policy", ["pay_threshold"])]
    assert sentence.lower() in str(errors).lower()
    assert not Project.objects.exists()


def test_the_methods_offered_are_those_that_consensus_has() -> None:
    assert METHODS.keys() == CLOSED.keys()


def test_all_wrong_settings_are_named_at_once(requester: User, organisation: Organisation) -> None:
    with pytest.raises(BadInput) as refused:
        draft.create(actor=requester, organisation=organisation, title="", redundancy=0, reward_micros=-1)
    assert set(refused.value.data["errors"]) == {"title", "redundancy", "reward_micros"}


def test_a_project_needs_a_title_and_a_member(requester: User, stranger: User, organisation: Organisation) -> None:
    with pytest.raises(BadInput, match="title"):
        draft.create(actor=requester, organisation=organisation)
    with pytest.raises(NotFound):
        draft.create(actor=stranger, organisation=organisation, title="Mine?")
    project = make_draft(actor=requester, organisation=organisation)
    with pytest.raises(NotFound):
        draft.edit(actor=stranger, project_id=project.pk, title="Mine!")
    with pytest.raises(NotFound):
        config.set_config(actor=stranger, project_id=project.pk, config=CHOICE)
    with pytest.raises(NotFound):
        config.set_guidelines(actor=stranger, project_id=project.pk, text="Mine!")
    with pytest.raises(NotFound):
        draft.discard(actor=stranger, project_id=project.pk)


def test_the_log_has_what_was_and_what_is(requester: User, organisation: Organisation) -> None:
    project = make_draft(actor=requester, organisation=organisation)
    draft.edit(actor=requester, project_id=project.pk, title="Feelings", gold_share="0.1", redundancy=3)
    entry = AuditEntry.objects.get(action="project.edit")
    assert entry.before == {"title": "Moods", "gold_share": "0.0000"}  # redundancy was 3 before
    assert entry.after == {"title": "Feelings", "gold_share": "0.1000"}
    assert entry.organisation == organisation


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", "New"),
        ("description", "New"),
        ("max_tasks_per_worker", 5),
        ("aggregate_every", 7),
        ("time_limit_s", 1200),
        ("auto_accept_s", 3600),
        ("minimum_accuracy", Decimal("0.5")),
        ("minimum_accuracy", None),
        ("content_warnings", ["hate", "violence"]),
        ("redundancy", 3),  # as it is
    ],
)
def test_what_stays_fair_may_change_on_a_published_project(
    requester: User, organisation: Organisation, name: str, value: Any
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(3, gold=1), **PROMISED)
    draft.edit(actor=requester, project_id=project.pk, **{name: value})
    assert getattr(Project.objects.get(pk=project.pk), name) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("reward_micros", 9 * CENT),
        ("reward_micros", CENT),
        ("currency", "EUR"),
        ("redundancy", 5),
        ("split", {"by": "sentence"}),
        ("workforce", "team"),
        ("time_limit_s", 30),
        ("auto_accept_s", 30 * 24 * 3600),
        ("minimum_accuracy", "0.9"),
        ("gold_share", "0.5"),
        ("content_warnings", []),
        ("pay_policy", "at_once"),
    ],
)
def test_what_was_promised_stays(requester: User, organisation: Organisation, name: str, value: Any) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(3, gold=1), **PROMISED)
    before = Project.objects.filter(pk=project.pk).values().get()
    with pytest.raises(Fixed) as refused:
        draft.edit(actor=requester, project_id=project.pk, title="Other", **{name: value})
    assert set(refused.value.data["errors"]) == {name}
    assert Project.objects.filter(pk=project.pk).values().get() == before


PROMISED: dict[str, Any] = {"minimum_accuracy": "0.7", "content_warnings": ["violence"]}


def test_nothing_changes_any_more_once_closing(requester: User, organisation: Organisation) -> None:
    project = make_open(actor=requester, organisation=organisation)
    publish.start_closing(actor=requester, project_id=project.pk)
    with pytest.raises(WrongState):
        draft.edit(actor=requester, project_id=project.pk, title="Late")
    with pytest.raises(WrongState):
        config.set_guidelines(actor=requester, project_id=project.pk, text="Late")
    with pytest.raises(WrongState):
        config.set_config(actor=requester, project_id=project.pk, config=CHOICE)
    with pytest.raises(WrongState):
        items.add(actor=requester, project_id=project.pk, rows=texts(1))


# --- The label config ---------------------------------------------------------------------------------------------
def changed(**changes: Any) -> dict[str, Any]:
    """CHOICE with changes in its question."""
    new = deepcopy(CHOICE)
    new["questions"][0].update(changes)
    return new


@pytest.mark.parametrize(
    ("label_config", "place", "sentence"),
    [
        (changed(labels=["good", "good"]), "questions[0].labels[1].name", "already the name"),
        (changed(lables=["x"]), "questions[0].lables", "did you mean 'labels'"),
        (changed(kind="coice"), "questions[0].kind", "did you mean 'choice'"),
        ({"data": {"kind": "text", "field": "text"}, "questions": []}, "questions", "at least 1"),
        ({**CHOICE, "data": {"kind": "smell", "field": "x"}}, "data.kind", "is not one of"),
        ("choice", "config", "must be an object"),
    ],
)
def test_a_config_with_a_typo_is_refused_with_its_place(
    requester: User, organisation: Organisation, label_config: Any, place: str, sentence: str
) -> None:
    project = make_draft(actor=requester, organisation=organisation)
    with pytest.raises(BadInput) as refused:
        config.set_config(actor=requester, project_id=project.pk, config=label_config)
    ((found, said),) = refused.value.data["errors"].items()
    assert found == place
    assert sentence.lower() in said.lower()
    assert ConfigVersion.objects.filter(project=project).count() == 1


def test_versions_are_added_and_the_same_config_is_none(requester: User, organisation: Organisation) -> None:
    project = make_draft(actor=requester, organisation=organisation)
    again = config.set_config(actor=requester, project_id=project.pk, config=CHOICE)
    new = config.set_config(actor=requester, project_id=project.pk, config=changed(labels=["good", "bad", "mixed"]))
    assert (again.version, new.version) == (1, 2)
    project.refresh_from_db()
    assert project.config == new


def test_on_a_published_project_only_words_change(requester: User, organisation: Organisation) -> None:
    project = make_open(actor=requester, organisation=organisation)
    tasks = set(Task.objects.values_list("pk", flat=True))
    for fixed in (changed(labels=["bad", "good"]), changed(required=False), {**CHOICE, "pass_mark": 0.5}):
        with pytest.raises(Fixed):
            config.set_config(actor=requester, project_id=project.pk, config=fixed)
    labels = [{"name": "good", "title": "Good!", "key": "g", "colour": "#00ff00"}, "bad"]
    words = changed(text="Which mood is it?", help="Read twice.", labels=labels)
    version = config.set_config(actor=requester, project_id=project.pk, config=words)
    assert version.version == 2
    assert set(Task.objects.values_list("pk", flat=True)) == tasks


def test_a_new_config_is_tried_on_the_items_that_are_there(requester: User, organisation: Organisation) -> None:
    project = make_draft(actor=requester, organisation=organisation, rows=texts(3, gold=1))
    with pytest.raises(BadRows, match="not one of the labels") as refused:  # the gold answer is "good"
        config.set_config(actor=requester, project_id=project.pk, config=changed(labels=["cheerful", "sad"]))
    assert [row["column"] for row in refused.value.data["rows"]] == ["units[0].mood"]
    with pytest.raises(BadRows, match="no file"):
        config.set_config(actor=requester, project_id=project.pk, config=IMAGE)
    other_column = {**CHOICE, "data": {"kind": "text", "field": "body"}}
    with pytest.raises(BadRows, match="body"):
        config.set_config(actor=requester, project_id=project.pk, config=other_column)
    project.refresh_from_db()
    assert project.config is not None
    assert (project.config.version, Task.objects.filter(project=project).count()) == (1, 3)
    all_is_well()


def test_known_answers_are_brought_into_the_new_configs_form(requester: User, organisation: Organisation) -> None:
    topics = changed(kind="multi-choice", labels=["sport", "music"])
    rows = [{"text": "a", "gold": "music|sport"}]
    project = make_draft(actor=requester, organisation=organisation, rows=rows, label_config=topics)
    assert Task.objects.get().gold == {"units": [{"mood": ["sport", "music"]}]}
    turned = changed(kind="multi-choice", labels=["music", "sport"])
    config.set_config(actor=requester, project_id=project.pk, config=turned)
    assert Task.objects.get().gold == Item.objects.get().gold == {"units": [{"mood": ["music", "sport"]}]}


def test_a_new_split_cuts_anew_and_must_fit(requester: User, organisation: Organisation) -> None:
    rows = [{"text": "One. Two. Three."}, {"text": "Four."}]
    project = make_draft(actor=requester, organisation=organisation, rows=rows)
    draft.edit(actor=requester, project_id=project.pk, split={"by": "sentence"})
    assert [task.payload["units"][0]["text"] for task in Task.objects.order_by("id")] == [
        "One.",
        "Two.",
        "Three.",
        "Four.",
    ]
    with pytest.raises(BadInput, match="cannot be cut by seconds"):
        draft.edit(actor=requester, project_id=project.pk, split={"by": "seconds", "size": 5})
    draft.edit(actor=requester, project_id=project.pk, split={})
    assert Task.objects.count() == Item.objects.count() == 2
    all_is_well()


def test_guidelines_have_versions(requester: User, organisation: Organisation) -> None:
    project = make_open(actor=requester, organisation=organisation)
    for text, version in [("Be kind.", 1), ("Be kind.", 1), ("Be very kind.", 2)]:
        assert config.set_guidelines(actor=requester, project_id=project.pk, text=text).version == version
    project.refresh_from_db()
    assert project.guidelines is not None
    assert project.guidelines.text == "Be very kind."
    assert GuidelinesVersion.objects.get(project=project, version=1).text == "Be kind."
    for bad in ("NUL\x00", "x" * 100_001):
        with pytest.raises(BadInput):
            config.set_guidelines(actor=requester, project_id=project.pk, text=bad)
