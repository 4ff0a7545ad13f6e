"""Attention to opinions: an item that somebody answered himself comes to him again, and he says the same or not."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from crowd.assignments import queries
from crowd.assignments.errors import NoWork, TaskTaken
from crowd.assignments.models import Assignment, Participation
from crowd.assignments.repeats import Steadiness, steadiness
from crowd.assignments.services import give_back, take
from crowd.assignments.services.submit import submit
from crowd.consensus import exports
from crowd.consensus.models import Consensus
from crowd.consensus.services.aggregate import aggregate
from crowd.consensus.services.close import close_project
from crowd.consensus.services.settle import settle
from crowd.kernel import clock
from crowd.kernel.errors import BadInput
from crowd.ledger.queries import of_holder
from crowd.projects.errors import Incomplete
from crowd.projects.models import Project, Task
from crowd.projects.services import publish
from crowd.rules.models import Firing
from crowd.rules.services import evaluate, switch
from crowd.users.models import Organisation, User
from tests.check import all_is_well
from tests.make_project import CHOICE, make_open, texts
from workers.models import Worker
from workers.services.pseudonyms import pseudonym_for

pytestmark = pytest.mark.django_db
TASTE = {"id": "taste", "kind": "choice", "text": "Do you like it?", "labels": ["yes", "no"], "asks": "opinion"}
OPINION: dict[str, Any] = {**CHOICE, "questions": [TASTE]}
BETWEEN = 3


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    """Twenty texts asked twice each; half of what a worker gets, once he has begun, he has answered before."""
    return make_open(
        actor=requester,
        organisation=organisation,
        rows=texts(20),
        label_config=OPINION,
        redundancy=2,
        repeat_share="0.5",
        repeat_after=BETWEEN,
    )


def work(worker: Worker, project: Project, say: Callable[[int], str]) -> list[Assignment]:
    """All that there is for him, each after ten seconds; `say`: the answer to the n-th."""
    done: list[Assignment] = []
    random = Random(7)
    while True:
        try:
            held = take.take_next(worker=worker, project_id=project.pk, random=random)
        except NoWork:
            return done
        clock.advance(timedelta(seconds=10))
        value = {"taste": say(len(done))}
        done.append(
            submit(worker=worker, assignment_id=held.pk, value=value, take_next=False, random=random).assignment
        )


def test_who_clicks_at_random_is_not_of_his_own_opinion(
    project: Project,
    requester: User,
    organisation: Organisation,
    worker: Worker,
    other_worker: Worker,
    client: Client,
) -> None:
    clock.advance(timedelta(hours=34 - clock.now().hour))  # to a morning: all of it on one day
    each = project.price_micros
    assert project.repeat_reserve_micros == 40 * each  # half of all answers, if everything is answered
    first = work(worker, project, lambda n: "yes")
    second = work(other_worker, project, lambda n: ["yes", "no"][n % 2])
    for done in (first, second):
        places = [place for place, one in enumerate(done) if one.is_repeat]
        assert len(done) - len(places) == 20  # everything once, and what came again is no further answer
        assert len(places) >= 5
        assert not {places[n + 1] - places[n] for n in range(len(places) - 1)} <= {1}
        for place in places:
            own = next(n for n, one in enumerate(done) if one.task_id == done[place].task_id)
            assert place - own > BETWEEN
        assert len({done[place].task_id for place in places}) == len(places)  # each once
    repeats = [one for one in (*first, *second) if one.is_repeat]
    assert set(Task.objects.filter(project=project).values_list("filled", "answered", "needed")) == {(2, 2, 2)}
    spent = sum(Participation.objects.filter(project=project).values_list("repeat_spent_micros", flat=True))
    assert spent == len(repeats) * each
    all_is_well()

    aggregate(project.pk)
    assert set(Consensus.objects.filter(project=project).values_list("answers", flat=True)) == {2}
    found = steadiness(project, [worker.pk, other_worker.pk])
    assert found[worker.pk] == Steadiness(same=found[worker.pk].repeats, repeats=sum(one.is_repeat for one in first))
    assert found[other_worker.pk].share < 1 < found[other_worker.pk].repeats

    file = "".join(line.decode("utf-8-sig") for line in exports.lines(project, "answers", "csv"))
    rows = list(csv.DictReader(io.StringIO(file)))
    assert len(rows) == exports.size(project, "answers") == 40 + len(repeats)
    assert {int(row["assignment"]) for row in rows if row["repeat"] == "true"} == {one.pk for one in repeats}
    said = {(row["task"], row["worker"]) for row in rows if row["repeat"] == "false"}
    assert {(row["task"], row["worker"]) for row in rows} == said  # each beside the answer that it repeats
    gone = repeats[0]
    Assignment.objects.filter(worker=gone.worker, task=gone.task, is_repeat=False).update(counts=False)
    nested = [json.loads(line) for line in exports.lines(project, "answers", "jsonl")]
    Assignment.objects.filter(worker=gone.worker, task=gone.task, is_repeat=False).update(counts=True)
    assert {one["assignment"] for one in nested if one["repeat"]} == {one.pk for one in repeats[1:]}

    stop: dict[str, Any] = {
        "collector": "repeats",
        "conditions": [{"figure": "same_share", "comparator": "below", "value": "95"}],
        "action": "pause",
    }
    with pytest.raises(BadInput) as refused:  # whatever somebody thinks, he is paid
        switch.create(
            actor=requester, project_id=project.pk, terms=stop | {"action": "reject", "parameters": {"text": "Why?"}}
        )
    assert "may change" in refused.value.data["errors"]["action"]
    rule = switch.create(actor=requester, project_id=project.pk, terms=stop)
    switch.switch_on(actor=requester, project_id=project.pk, rule_id=rule.pk, although=True)
    evaluate.evaluate(project.pk)
    assert [one.worker for one in Firing.objects.all()] == [other_worker]

    client.force_login(requester, backend="django.contrib.auth.backends.ModelBackend")
    assert "<code>repeat</code>" in client.get(reverse("web:requester:exports", args=[project.pk])).content.decode()
    code = pseudonym_for(organisation, worker)
    page = client.get(reverse("web:requester:worker", args=[project.pk, code])).content.decode()
    assert f"{found[worker.pk].same} of {found[worker.pk].repeats} repeats" in page
    of_api = client.get(f"/api/v1/projects/{project.pk}/workers/{code}/").json()
    assert (of_api["repeats"], of_api["repeats_same"]) == (found[worker.pk].repeats, found[worker.pk].same)
    client.force_login(worker.user, backend="django.contrib.auth.backends.ModelBackend")
    record = reverse("web:record")
    assert "too few repeats to say" in client.get(record).content.decode()  # not on the same day
    clock.advance(timedelta(days=1))
    assert f"{found[worker.pk].repeats} repeats)" in client.get(record).content.decode()

    clock.advance(timedelta(seconds=project.auto_accept_s))
    settle(project.pk)
    assert set(Assignment.objects.filter(project=project).values_list("state", flat=True)) == {"accepted"}
    publish.start_closing(actor=requester, project_id=project.pk)
    assert close_project(project.pk)
    assert of_holder(holder="project", holder_id=project.pk)["escrow", "USD"] == 0
    all_is_well()


def test_what_is_given_back_is_paid_for_again_and_nothing_is_repeated_that_nobody_pays(
    project: Project, worker: Worker
) -> None:
    random = Random(3)
    while True:
        held = take.take_next(worker=worker, project_id=project.pk, random=random)
        if held.is_repeat:
            break
        submit(worker=worker, assignment_id=held.pk, value={"taste": "yes"}, take_next=False, random=random)
    inside = Participation.objects.get(project=project)
    assert inside.repeat_spent_micros == project.price_micros
    give_back.return_task(worker=worker, assignment_id=held.pk)
    inside.refresh_from_db()
    assert inside.repeat_spent_micros == 0
    assert Task.objects.get(pk=held.task_id).filled == 1
    all_is_well()

    Project.objects.filter(pk=project.pk).update(
        repeat_reserve_micros=0, surplus_micros=F("surplus_micros") + project.repeat_reserve_micros
    )
    assert not [one for one in work(worker, project, lambda n: "yes") if one.is_repeat]
    all_is_well()


def test_one_that_is_reserved_ahead_is_paid_once_and_makes_way_whole(
    project: Project, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(take, "MEDIA_KINDS", ("text",))
    random, lapsed, opened = Random(5), 0, 0
    held: Assignment | None = take.take_next(worker=worker, project_id=project.pk, random=random)
    while held is not None:
        ahead = take.take_ahead(worker=worker, assignment_id=held.pk, random=random)
        if ahead is not None and ahead.is_repeat and not lapsed:
            clock.advance(timedelta(seconds=project.time_limit_s + 61))  # its time is over: he may be given it again
            lapsed = 1
        elif ahead is not None and ahead.is_repeat:
            opened += 1
        held = submit(worker=worker, assignment_id=held.pk, value={"taste": "yes"}, random=random).next
    assert lapsed
    assert opened > 3
    assert steadiness(project, [worker.pk])[worker.pk].share == 1
    all_is_well()


def test_where_workers_choose_a_repeat_stands_in_the_list_and_comes_to_who_lets_us_choose(
    project: Project, worker: Worker
) -> None:
    Project.objects.filter(pk=project.pk).update(choose_tasks=True)
    project.refresh_from_db()
    random, named, given = Random(11), 0, 0

    def listed() -> set[int]:
        return set(queries.choosable(worker, project).values_list("pk", flat=True))

    def answer(held: Assignment) -> None:
        submit(worker=worker, assignment_id=held.pk, value={"taste": "yes"}, take_next=False, random=random)

    answered: set[int] = set()
    while left := listed() - answered:
        again = listed() & answered
        if again and named > given:  # who takes no repeat that he sees gets it with the next task
            held = take.take_next(worker=worker, project_id=project.pk, random=random)
            assert held.is_repeat
            given += 1
        elif again:
            (id,) = again
            assert again == listed() & answered  # asking again shows no other one
            with pytest.raises(TaskTaken):
                take.take_named(worker=worker, project_id=project.pk, task_id=max(answered - again))
            held = take.take_named(worker=worker, project_id=project.pk, task_id=id, random=random)
            assert held.is_repeat
            named += 1
        else:
            held = take.take_named(worker=worker, project_id=project.pk, task_id=min(left), random=random)
            assert not held.is_repeat
        assert held.is_repeat == (held.task_id in answered)
        answer(held)
        answered.add(held.task_id)
    assert named >= given > 1
    assert set(Task.objects.filter(project=project).values_list("filled", "answered")) == {(1, 1)}
    assert steadiness(project, [worker.pk])[worker.pk] == Steadiness(same=named + given, repeats=named + given)
    all_is_well()


def test_repeats_are_for_opinions(requester: User, organisation: Organisation) -> None:
    with pytest.raises(Incomplete, match="Repeats are for opinions"):
        make_open(actor=requester, organisation=organisation, repeat_share="0.1")
