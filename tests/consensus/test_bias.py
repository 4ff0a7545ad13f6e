"""The report on bias: its sums are those that one gets by hand, and nothing about few workers can be had out of it."""

import csv
import json
from collections import defaultdict
from datetime import timedelta
from functools import partial
from io import StringIO
from statistics import mean, stdev
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crowd.assignments.models import Answer, Assignment, Participation
from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.consensus import jobs
from crowd.consensus.bias import report
from crowd.consensus.bias.sums import Differences
from crowd.consensus.models import BiasReport, Consensus, Decision
from crowd.consensus.services import bias_reports
from crowd.consensus.services.aggregate import aggregate
from crowd.consensus.services.reconfigure import Wanted, reconfigure
from crowd.gold.services import keys
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotFound
from crowd.projects.models import Item, Project, Task
from crowd.quality.tables import chi_square
from crowd.users.models import Organisation, User
from tests import make
from tests.make_project import CHOICE, make_open
from workers.models import Worker
from workers.services import wishes

ITEMS = [{"text": f"text {n}", "topic": "sport" if n < 3 else "art"} for n in range(5)]
KEY = {"mood": "good", "long": "no", "tags": ["calm"], "stars": 3}
GOLD = [{"text": "gold", "topic": "art", "gold": json.dumps(KEY), "gold_reason": "It says so."}]
LONG = {"id": "long", "kind": "choice", "text": "Is it long?", "labels": ["yes", "no"]}  # nobody gets it right
TAGS = {"id": "tags", "kind": "multi-choice", "text": "What is it?", "labels": ["loud", "calm"]}
STARS = {"id": "stars", "kind": "rating", "text": "How clear?"}
ASKED = {**CHOICE, "questions": [*CHOICE["questions"], LONG, TAGS, STARS]}


def crowd() -> list[Worker]:
    """Twelve from Germany, ten from France, and two from Austria; of two Germans nobody may be told."""
    groups = [("DE", ["de"], 10), ("DE", ["de"], 2), ("FR", ["fr", "en"], 10), ("AT", ["de"], 2)]
    return [
        make.make_worker(country=country, languages=spoken, in_reports=place != 1)
        for place, (country, spoken, number) in enumerate(groups)
        for _each in range(number)
    ]


def answer(worker: Worker, project: Project) -> None:
    """Everything there is: Germans take sport for bad and loud, the French miss the gold, and are lenient."""
    held: Assignment | None = take.take_next(worker=worker, project_id=project.pk)
    while held is not None:
        is_loud = worker.country == "DE" and held.task.item.data["topic"] == "sport"
        is_bad = is_loud or (worker.country == "FR" and held.is_gold)
        said: dict[str, Any] = {
            "mood": "bad" if is_bad else "good",
            "long": "yes",
            "tags": ["loud" if is_loud else "calm"],
        }
        said["stars"] = 5 if worker.country == "FR" else 3
        done = submit(worker=worker, assignment_id=held.pk, value=said)
        held = done.next and Assignment.objects.select_related("task__item").get(pk=done.next.pk)


@pytest.fixture
def answered(requester: User, organisation: Organisation) -> Project:
    project = make_open(
        actor=requester,
        organisation=organisation,
        rows=ITEMS + GOLD,
        label_config=ASKED,
        redundancy=24,
        quiz_length=1,
        quiz_cap=24,
    )
    for worker in crowd():
        answer(worker, project)
    aggregate(project.pk)
    return project


def counted(
    requester: User, project: Project, column: str = "topic", question: str = "mood", label: str = ""
) -> dict[str, Any]:
    wanted = {"question": question, "label": label, "column": column}
    asked = bias_reports.ask(actor=requester, project_id=project.pk, **wanted)
    assert asked.state == "running"
    jobs.count_bias(asked.pk)
    asked.refresh_from_db()
    assert asked.state == "done"
    assert asked.figures is not None
    return dict(asked.figures)


def by_hand(project: Project) -> dict[str, dict[str, float]]:
    """By topic: answers, share that equals the merged one, and the mean share of the others that differ."""
    merged = {one.task_id: one.value for one in Consensus.objects.filter(project=project, question="mood")}
    given: dict[int, list[str]] = defaultdict(list)
    for one in Answer.objects.filter(project=project):
        given[one.task_id].append(one.value["units"][0]["mood"])
    found: dict[str, dict[str, float]] = {}
    for topic in ("sport", "art"):
        tasks = [pk for pk in merged if Item.objects.get(tasks=pk).data["topic"] == topic]
        pairs = [(task, label) for task in tasks for label in given[task]]
        differ = [sum(other != label for other in given[task]) / (len(given[task]) - 1) for task, label in pairs]
        agree = [label == merged[task] for task, label in pairs]
        found[topic] = {"agree": sum(agree) / len(agree), "differ": sum(differ) / len(differ)}
    return found


@pytest.mark.parametrize(
    "off", [[0] * 2 + [2] * 12, [0] * 9 + [-1] * 8, [1, -1] * 30 + [4] * 5, [0] * 13 + [-4] * 133, [3] * 88 + [4] * 88]
)
def test_a_rounded_mean_is_a_possible_one_and_its_interval_holds_the_true_one(off: list[int]) -> None:
    true = Differences(len(off), sum(off), sum(one * one for one in off))
    for count in (10 * (len(off) // 10), 10 * (len(off) // 10 + 1)):
        told, exact = true.rough(count).line(), true.line()
        assert told is not None
        assert exact is not None
        assert told["low"] <= exact["mean"] <= told["high"]
        assert told["high"] - told["low"] > 0.7 * (exact["high"] - exact["low"])
        assert min(off) <= told["mean"] <= max(off)
    assert true.rough(0).line() is None


@pytest.mark.django_db
def test_what_a_crowd_with_a_bias_looks_like(requester: User, answered: Project, client: Client) -> None:
    """One story, since a crowd is dear to make: items, labels and time; workers; the page; consent taken back."""
    _items_labels_and_time(counted(requester, answered), answered)
    _few_workers_are_neither_shown_nor_left_over(counted(requester, answered)["workers"])
    _on_the_page_and_as_a_file(client, requester, answered)
    _each_of_several_labels_is_chosen_or_not(requester, answered)
    _ratings_are_so_far_off(requester, answered)
    _labels_and_ratings_on_the_page(client, answered)
    _as_many_statements_for_half_the_answers(answered)
    _with_one_less_nobody_is_shown(requester, answered)
    _labels_are_read_as_they_are_called_now(requester, answered)
    _what_was_answered_before_a_decision_is_left_out(requester, answered)
    _a_retired_key_is_none(requester, answered)


def _items_labels_and_time(figures: dict[str, Any], answered: Project) -> None:
    assert figures["whole"]["answers"] == 24 * 6
    assert (figures["whole"]["gold"], figures["whole"]["accuracy"]["share"]) == (24, 14 / 24)
    expected = by_hand(answered)
    for line in figures["items"]["lines"]:
        assert line["agreement"]["share"] == pytest.approx(expected[line["group"]]["agree"])
        assert line["disagreement"] == pytest.approx(expected[line["group"]]["differ"])
        assert line["agreement"]["low"] < line["agreement"]["share"] <= line["agreement"]["high"]
    assert [line["group"] for line in figures["items"]["lines"]] == ["art", "sport"]
    assert figures["items"]["agreement_test"]["p"] < 1e-6
    assert figures["labels"]["lines"] == [
        {"label": "good", "merged": 2 + about_sport(answered, "good"), "keys": 1, "said_on_gold": 14},
        {"label": "bad", "merged": about_sport(answered, "bad"), "keys": 0, "said_on_gold": 10},
    ]
    (day,) = figures["drift"]["lines"]
    assert (figures["drift"]["each"], day["answers"]) == ("day", 24 * 6)
    assert figures["drift"]["labels"][0]["counts"] == {"good": 24 * 6 - 36 - 10, "bad": 36 + 10}


def _few_workers_are_neither_shown_nor_left_over(workers: dict[str, Any]) -> None:
    """Two Austrians alone, and two Germans who did not agree: four, so a group of ten joins them. German is spoken by
    twelve who agreed: less the ten Germans these would be the Austrians, so that languages are not shown beside
    countries. Figures are made of what was rounded, each by itself: 4 of 14 right are 5 of 15."""
    shown, rest = workers["countries"]["agreement"]
    assert (shown["group"], shown["workers"], shown["accuracy"], shown["gold"]) == ("DE", 10, None, 0)
    assert (rest["group"], rest["workers"]) == (None, 10)  # fourteen, not to the man
    germans, others = workers["countries"]["accuracy"]
    assert (germans["gold"], germans["accuracy"]["share"], germans["agreement"]) == (10, 1.0, None)
    assert (others["gold"], others["accuracy"]["share"]) == (15, 5 / 15)
    table = chi_square([[10, 0], [5, 10]])
    assert table is not None
    assert workers["countries"]["accuracy_test"]["p"] == table.p
    assert workers["languages"]["agreement"] == workers["languages"]["accuracy"] == []
    assert workers["languages"]["accuracy_test"] is None
    assert workers["agreed"] == 20


def _on_the_page_and_as_a_file(client: Client, requester: User, answered: Project) -> None:
    client.force_login(requester, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("web:requester:bias", args=[answered.pk])
    wrong = client.post(address, {"question": "mood", "column": "price"})
    assert wrong.context["form"].errors["column"]
    to = client.post(address, {"question": "mood", "column": "topic"}).headers["Location"]
    assert "It is being counted" in client.get(to).content.decode()
    jobs.count_bias(BiasReport.objects.get().pk)
    page = client.get(to).content.decode()
    for said in ("Items by topic", "Groups of workers", "Labels against gold", "58 %"):
        assert said in page
    assert "Austria" not in page
    wanted = {"question": "mood", "column": "topic"}
    file: Any = client.get(reverse("web:requester:bias-file", args=[answered.pk]), wanted)
    lines = list(csv.DictReader(StringIO(b"".join(file).decode())))
    whole = {line["measure"]: line for line in lines if line["part"] == "all"}
    assert (whole["answers"]["value"], whole["accuracy"]["of"]) == ("144", "24")
    assert not [line for line in lines if line["group"] == "AT"]


def _each_of_several_labels_is_chosen_or_not(requester: User, answered: Project) -> None:
    figures = counted(requester, answered, question="tags", label="loud")
    art, sport = figures["items"]["lines"]
    assert (art["disagreement"], sport["disagreement"]) == (0, pytest.approx(12 / 23))
    assert (figures["whole"]["answers"], figures["whole"]["accuracy"]["share"]) == (24 * 6, 1.0)
    assert figures["drift"]["labels"][0]["counts"] == {"yes": 36, "no": 24 * 6 - 36}
    said = {line["label"]: (line["keys"], line["said_on_gold"]) for line in figures["labels"]["lines"]}
    assert said == {"yes": (0, 0), "no": (1, 24)}
    shown, rest = figures["workers"]["countries"]["agreement"]
    assert (shown["group"], shown["workers"], rest["group"], rest["workers"]) == ("DE", 10, None, 10)
    assert figures["workers"]["languages"]["agreement"] == []
    assert figures["whole"]["difference"] is None
    for question, label in (("tags", ""), ("tags", "green"), ("mood", "good")):
        with pytest.raises(BadInput) as refused:
            counted(requester, answered, question=question, label=label)
        assert set(refused.value.data["errors"]) == {"label"}


def _ratings_are_so_far_off(requester: User, answered: Project) -> None:
    """Ten of 24 say five where the others, and the key, say three. Told are means, and how far by hand."""
    figures = counted(requester, answered, question="stars")
    merged = dict(Consensus.objects.filter(project=answered, question="stars").values_list("task_id", "value"))
    lenient = [(5, 10), (3, 14)]
    ordinary = [said - value for value in merged.values() for said, times in lenient for _each in range(times)]
    on_gold = [said - 3 for said, times in lenient for _each in range(times)]
    for name, off in (("difference", ordinary), ("gold_difference", on_gold)):
        found, reach = figures["whole"][name], 1.959964 * stdev(off) / len(off) ** 0.5
        assert found["mean"] == pytest.approx(mean(off))
        assert (found["low"], found["high"]) == (pytest.approx(mean(off) - reach), pytest.approx(mean(off) + reach))
    assert figures["whole"]["accuracy"]["share"] == 14 / 24
    germans, others = figures["workers"]["countries"]["accuracy"]
    assert (germans["gold_difference"], germans["difference"]) == ({"mean": 0, "low": -0.25, "high": 0.25}, None)
    assert (others["gold"], others["gold_difference"]["mean"]) == (15, 20 / 15)  # of what was rounded: 4 right are 5
    assert others["difference"] is None
    german, _rest = figures["workers"]["countries"]["agreement"]
    assert (german["group"], german["gold_difference"]) == ("DE", None)
    assert german["difference"]["mean"] == 3 - mean(merged.values())


def _labels_and_ratings_on_the_page(client: Client, answered: Project) -> None:
    address = reverse("web:requester:bias", args=[answered.pk])
    for question, said in (("tags:loud", "not chosen"), ("stars", "Off gold, on average")):
        to = client.post(address, {"question": question, "column": "topic"}).headers["Location"]
        jobs.count_bias(BiasReport.objects.get(state="running").pk)
        assert said in client.get(to).content.decode()
    file: Any = client.get(
        reverse("web:requester:bias-file", args=[answered.pk]), {"question": "stars", "column": "topic"}
    )
    lines = csv.DictReader(StringIO(b"".join(file).decode()))
    found = {line["measure"]: line for line in lines if line["part"] == "all"}
    assert float(found["gold_difference"]["value"]) == pytest.approx(20 / 24)
    assert (found["gold_difference"]["of"], found["difference"]["of"]) == ("24", "120")


def _as_many_statements_for_half_the_answers(answered: Project) -> None:
    question = report.check(answered, "mood", "topic")

    def statements() -> int:
        with CaptureQueriesContext(connection) as found:
            report.figures(answered, question, "topic", now=clock.now())
        return len(found)

    before = statements()
    with transaction.atomic():
        few = half(answered)
        Assignment.objects.filter(project=answered, worker__in=few).update(state="rejected", counts=False)
        assert statements() == before <= 5
        transaction.set_rollback(True)


def _with_one_less_nobody_is_shown(requester: User, answered: Project) -> None:
    """The French take their consent back: ten Germans beside fourteen. Then one German does, and there is no group."""
    for worker in Worker.objects.filter(in_reports=True, country="FR"):
        wishes.set_wishes(worker=worker, time_percent=100, shown_warnings=[], in_reports=False)
    countries = counted(requester, answered)["workers"]["countries"]
    assert [line["group"] for line in countries["accuracy"]] == ["DE", None]
    one = Worker.objects.filter(in_reports=True, country="DE")[0]
    wishes.set_wishes(worker=one, time_percent=100, shown_warnings=[], in_reports=False)
    countries = counted(requester, answered)["workers"]["countries"]
    assert countries["accuracy"] == countries["agreement"] == []


def _labels_are_read_as_they_are_called_now(requester: User, answered: Project) -> None:
    """Awful, say, instead of bad: the same figures under the new name, before the answers are merged anew and after."""
    before = counted(requester, answered)
    mood = {**CHOICE["questions"][0], "labels": ["good", "awful"]}
    tags, loud = {**TAGS, "labels": ["noisy", "calm"]}, counted(requester, answered, question="tags", label="loud")
    mapping = {"mood": {"bad": "awful"}, "tags": {"loud": "noisy"}}
    wanted = Wanted(config={**ASKED, "questions": [mood, LONG, tags, STARS]}, mapping=mapping)
    reconfigure(actor=requester, project_id=answered.pk, wanted=wanted)
    renamed = json.loads(json.dumps(before).replace('"bad"', '"awful"'))
    assert counted(requester, answered) == renamed
    assert counted(requester, answered, question="tags", label="noisy") == loud
    aggregate(answered.pk)
    assert counted(requester, answered) == renamed


def _what_was_answered_before_a_decision_is_left_out(requester: User, answered: Project) -> None:
    """It counts against nobody; nor does what was answered to a task that a ruling had asked anew."""
    decided, asked_anew = Task.objects.filter(project=answered, is_gold=False).order_by("pk")[:2]
    asked: dict[str, Any] = {"project": answered, "question": "mood", "value": "good"}
    Decision.objects.create(task=decided, decided_at=clock.now(), **asked)
    Task.objects.filter(pk=asked_anew.pk).update(ruled_at=clock.now())
    Assignment.objects.filter(task=asked_anew).update(counts=False)
    assert counted(requester, answered)["whole"]["answers"] == 24 * 4


def _a_retired_key_is_none(requester: User, answered: Project) -> None:
    gold = Task.objects.get(project=answered, is_gold=True)
    keys.retire(actor=requester, project_id=answered.pk, task_id=gold.pk, why="It is known.", keep_answers=True)
    figures = counted(requester, answered)
    assert [(line["keys"], line["said_on_gold"]) for line in figures["labels"]["lines"]] == [(0, 0), (0, 0)]
    assert figures["whole"]["gold"] == 24  # as it was scored


def about_sport(project: Project, label: str) -> int:
    """Merged answers about sport: there the twelve Germans and the twelve others are even."""
    return Consensus.objects.filter(
        project=project, question="mood", value=label, task__item__data__topic="sport"
    ).count()


def half(project: Project) -> list[int]:
    ids = Participation.objects.filter(project=project).order_by("pk").values_list("worker_id", flat=True)
    return list(ids[:12])


@pytest.fixture
def empty(requester: User, organisation: Organisation) -> Project:
    return make_open(actor=requester, organisation=organisation)


@pytest.mark.django_db
class TestAsking:
    def test_twice_is_one_and_a_forgotten_one_is_counted_or_fails(
        self, requester: User, empty: Project, django_capture_on_commit_callbacks: Any
    ) -> None:
        ask = partial(bias_reports.ask, actor=requester, project_id=empty.pk, question="mood")
        with django_capture_on_commit_callbacks() as sent:
            assert ask() == ask()
        assert len(sent) == 1  # the second one waits for the first
        assert bias_reports.due() == []
        for _attempt in range(bias_reports.MAX_ATTEMPTS):
            clock.advance(timedelta(minutes=11))
            assert len(bias_reports.due()) == 1
        clock.advance(timedelta(minutes=11))
        assert bias_reports.due() == []
        assert BiasReport.objects.get().state == "failed"
        figures = counted(requester, empty, column="")
        assert figures["items"] is None
        assert (figures["whole"]["answers"], figures["drift"]["lines"]) == (0, [])

    def test_what_there_is_not_is_refused(self, requester: User, stranger: User, empty: Project) -> None:
        for question, column in (("mood", "nothing of ours"), ("taste", "")):
            with pytest.raises(BadInput):
                bias_reports.ask(actor=requester, project_id=empty.pk, question=question, column=column)
        with pytest.raises(NotFound):
            bias_reports.ask(actor=stranger, project_id=empty.pk, question="mood")
