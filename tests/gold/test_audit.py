"""Gold audits itself: doubtful, contested and proposed keys, up to the page where the requester decides."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from crowd.assignments.models import Participation
from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.consensus.services.aggregate import aggregate
from crowd.gold import queries
from crowd.gold.errors import NothingToContest
from crowd.gold.models import Contest, Flag, Revision
from crowd.gold.services import contests, flags, repair, watch
from crowd.kernel.errors import BadInput, NotFound
from crowd.notices.models import Notice
from crowd.projects.models import Project, Task
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import make_draft, make_open, texts
from workers.models import Worker

pytestmark = pytest.mark.django_db
IRONIC = "It is ironic."


@pytest.fixture
def crowd() -> list[Worker]:
    return [make.make_worker(user=make.make_user(f"w{number}@example.org")) for number in range(4)]


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    """Eight gold tasks whose keys all say "good"; one of them is wrong."""
    return make_open(
        actor=requester,
        organisation=organisation,
        rows=texts(12, gold=8),
        quiz_length=8,
        quiz_cap=9,
        redundancy=4,
        explain_misses=True,
    )


def wrong_task(project: Project) -> Task:
    return Task.objects.filter(project=project, is_gold=True).order_by("id")[3]


def work(worker: Worker, project: Project) -> None:
    """Everything right, by the truth and not by the key."""
    wrong = wrong_task(project).pk
    for _place in range(12):
        held = take.take_next(worker=worker, project_id=project.id)
        mood = "bad" if held.task_id == wrong else "good"
        submit(worker=worker, assignment_id=held.id, value={"mood": mood}, take_next=False)


def test_a_wrong_key_is_flagged_contested_corrected_on_the_page_and_put_right(
    project: Project, requester: User, crowd: list[Worker], client: Client, other_worker: Worker
) -> None:
    for worker in crowd:
        work(worker, project)
    lines = queries.audit(project)
    assert [line.flags for line in lines] == [["doubtful"], *[[]] * 7]
    assert (lines[0].task, lines[0].instead) == (wrong_task(project), {"units": [{"mood": "bad"}]})
    assert (lines[0].shown, lines[0].missed, lines[0].exposure) == (4, 4, 1.0)

    aggregate(project.pk)
    assert flags.due() == [project.pk]
    assert flags.tell(project.pk) == 1
    told = Notice.objects.get(kind="gold_flagged", user=requester)
    assert (told.data["doubtful"], told.data["leaked"]) == (1, 0)
    assert flags.due() == []
    aggregate(project.pk)
    assert flags.tell(project.pk) == 0  # once is enough

    missed = crowd[0].assignments.get(task=wrong_task(project))
    with pytest.raises(NotFound):
        contests.contest(worker=other_worker, assignment_id=missed.pk, text=IRONIC)
    with pytest.raises(BadInput):
        contests.contest(worker=crowd[0], assignment_id=missed.pk, text=" ")
    contests.contest(worker=crowd[0], assignment_id=missed.pk, text=IRONIC)
    with pytest.raises(NothingToContest):
        contests.contest(worker=crowd[0], assignment_id=missed.pk, text=IRONIC)
    assert Notice.objects.get(kind="gold_contested", user=requester).data["text"] == IRONIC
    assert queries.audit(project)[0].flags == ["doubtful", "contested"]

    client.force_login(requester, backend="django.contrib.auth.backends.ModelBackend")
    address = f"/requester/projects/{project.pk}/gold/"
    listed = client.get(address).content.decode()
    assert "accurate workers say otherwise" in listed
    one = client.get(f"{address}{wrong_task(project).pk}/").content.decode()
    assert IRONIC in one
    refused = client.post(f"{address}{wrong_task(project).pk}/", {"act": "correct", "key": "ugly", "why": IRONIC})
    assert "ugly" in refused.content.decode()
    assert "is not one of" in refused.content.decode() or "not a label" in refused.content.decode()
    done = client.post(f"{address}{wrong_task(project).pk}/", {"act": "correct", "key": "bad", "why": IRONIC})
    assert done.status_code == 302
    repair.repair(Revision.objects.get().pk)
    assert set(Participation.objects.values_list("gold_right", "gold_wrong")) == {(8, 0)}
    assert Contest.objects.get().state == "upheld"
    assert [line.flags for line in queries.audit(project)] == [[]] * 8
    assert flags.tell(project.pk) == 0
    assert not Flag.objects.exists()  # should it come back, it is told again
    assert {one.user for one in Notice.objects.filter(kind="gold_corrected")} == {one.user for one in crowd}
    assert "4 answers scored anew" in client.get(address).content.decode()
    all_is_well()


def test_a_key_that_stays_is_explained_to_who_contested_it(
    project: Project, requester: User, crowd: list[Worker]
) -> None:
    work(crowd[0], project)
    missed = crowd[0].assignments.get(task=wrong_task(project))
    contests.contest(worker=crowd[0], assignment_id=missed.pk, text=IRONIC)
    assert contests.keep(actor=requester, project_id=project.pk, task_id=missed.task_id, reply="It is meant.") == 1
    assert Contest.objects.get().reply == "It is meant."
    assert Notice.objects.get(kind="gold_kept").user == crowd[0].user
    with pytest.raises(NotFound):
        contests.keep(actor=requester, project_id=project.pk, task_id=missed.task_id, reply="Again.")


def test_sure_consensus_proposes_gold_which_the_requester_takes(
    project: Project, requester: User, crowd: list[Worker], client: Client
) -> None:
    for worker in crowd:
        work(worker, project)
    assert queries.proposed(project) == []
    aggregate(project.pk)
    found = queries.proposed(project)
    assert [(one.key, one.answers) for one in found] == [({"units": [{"mood": "good"}]}, 4)] * 4
    client.force_login(requester, backend="django.contrib.auth.backends.ModelBackend")
    address = f"/requester/projects/{project.pk}/gold/"
    assert "Make the chosen gold" in client.get(address).content.decode()
    client.post(f"{address}proposed/", {"task": [found[0].task.pk, 0]})
    assert Task.objects.get(pk=found[0].task.pk).is_gold
    assert len(queries.proposed(project)) == 3
    all_is_well()


def test_the_requester_labels_a_task_of_a_draft_as_gold_while_walking_through(
    requester: User, organisation: Organisation, client: Client
) -> None:
    project = make_draft(actor=requester, organisation=organisation, rows=texts(3))
    client.force_login(requester, backend="django.contrib.auth.backends.ModelBackend")
    first = Task.objects.filter(project=project).order_by("ring", "pk")[0]
    page: Any = client.get(f"/requester/projects/{project.pk}/walk/?n=1").content.decode()
    assert "Keep my answer as the known one" in page
    sent = {"u0.mood": "bad", "as_gold": "1", "gold_reason": IRONIC}
    assert client.post(f"/requester/projects/{project.pk}/walk/?n=1", sent).status_code == 302
    first.refresh_from_db()
    assert (first.is_gold, first.gold, first.gold_reason) == (True, {"units": [{"mood": "bad"}]}, IRONIC)
    assert first.item.gold == first.gold
    assert Revision.objects.count() == 0  # nothing to put right in a draft
    all_is_well()


def test_the_answers_of_others_pause_a_guesser_whom_gold_speaks_against(
    requester: User, organisation: Organisation, crowd: list[Worker], worker: Worker
) -> None:
    project = make_open(
        actor=requester,
        organisation=organisation,
        rows=texts(64, gold=4),
        quiz_length=4,
        quiz_pass=1,
        quiz_cap=9,
        minimum_accuracy=Decimal("0.7"),
        redundancy=4,
    )
    for place in range(64):
        for one in [*crowd[:3], worker]:
            held = take.take_next(worker=one, project_id=project.id)
            guess = "bad" if place % 2 else "good"
            mood = guess if one == worker else "good"
            submit(worker=one, assignment_id=held.id, value={"mood": mood}, take_next=False)
    aggregate(project.id)
    assert watch.due() == [project.id]
    assert watch.watch(project.id) == 1
    assert watch.due() == []
    paused = Participation.objects.get(state="paused")
    assert paused.worker == worker
    assert paused.pause_evidence["rule"] == "gold_and_consensus"
    assert paused.pause_evidence["compared"] == 60
    assert "of your 60 other answers are right" in paused.pause_reason
    all_is_well()


def test_the_quality_step_keeps_intervals_pass_mark_and_explaining(
    requester: User, organisation: Organisation, client: Client
) -> None:
    project = make_draft(actor=requester, organisation=organisation, rows=texts(9, gold=6))
    client.force_login(requester, backend="django.contrib.auth.backends.ModelBackend")
    address = f"/requester/projects/{project.pk}/setup/quality/"
    sent: dict[str, Any] = {
        "redundancy": 3,
        "aggregation_method": "dawid-skene",
        "gold_share": "20",
        "gold_intervals": "50: 10, 200: 5 %",
        "quiz_length": 5,
        "quiz_cap": 10,
        "quiz_pass": 4,
        "explain_misses": "on",
        "minimum_accuracy": "70",
        "cannot_answer_limit": 2,
        "aggregate_every": 100,
    }
    asked = client.get(address).context["form"]
    sent |= {name: field.initial for name, field in asked.fields.items() if name not in sent and field.required}
    refused = client.post(address, sent | {"gold_intervals": "50: 30"})
    assert "smaller share of gold than the one before" in refused.content.decode()
    assert "50: 30" in refused.content.decode()  # nothing typed is lost
    unread = client.post(address, sent | {"gold_intervals": "soon"})
    assert "is not a number of tasks" in unread.content.decode()
    assert client.post(address, sent).status_code == 302
    project.refresh_from_db()
    assert project.gold_intervals == [{"from": 50, "share": "0.1000"}, {"from": 200, "share": "0.0500"}]
    assert (project.quiz_pass, project.explain_misses) == (4, True)
    assert "50: 10, 200: 5" in client.get(address).content.decode()
