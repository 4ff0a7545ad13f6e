"""A requester writes a rule on the pages, sees whom it would have hit, and the worker contests what it did."""

import pytest
from django.test import Client
from django.urls import reverse

from crowd.assignments.models import Participation
from crowd.projects.models import Project
from crowd.rules.models import Firing, Rule
from crowd.rules.services import evaluate
from crowd.users.models import Organisation, User
from tests import make
from tests.make_project import make_open, texts
from tests.rules.working import always, work
from workers.models import Worker

pytestmark = pytest.mark.django_db

REST = {"comparator_1": "at_least", "comparator_2": "at_least"}  # rows that say nothing
SENTENCE = REST | {"window": "20", "figure_0": "wrong_share", "comparator_0": "above", "value_0": "40"}


def test_a_rule_from_its_sentence_to_a_contest(
    requester: User, colleague: User, organisation: Organisation, worker: Worker, other_worker: Worker, client: Client
) -> None:
    project = make_open(
        actor=requester, organisation=organisation, rows=texts(12, gold=4), quiz_length=4, quiz_cap=9, redundancy=2
    )
    work(other_worker, project, always("good"), limit=6)
    work(make.make_worker(), project, always("good"), limit=6)
    work(worker, project, always("good", gold="bad"), limit=6)
    client.force_login(requester)

    def to(name: str, *args: int) -> str:
        return reverse(f"web:requester:{name}", args=[project.pk, *args])

    form = to("new-rule") + "?collector=gold&action=pause"
    assert "share of gold tasks answered wrong" in client.get(form).content.decode()
    wrong = client.post(form, SENTENCE | {"value_0": "much", "hours": "48"})
    assert wrong.status_code == 400
    assert "From 0 to 100 per cent." in wrong.content.decode()
    assert 'value="48"' in wrong.content.decode()  # what was typed stays
    backwards = client.post(form, SENTENCE | {"figure_0": "right_share"})
    assert "everything right" in backwards.content.decode()

    client.post(form, SENTENCE)
    rule = Rule.objects.get()
    shown = client.get(to("rule", rule.pk)).content.decode()
    assert "over his last 20 answers to gold tasks, the share of gold tasks answered wrong is above 40 %" in shown
    assert "share of gold tasks answered wrong: 100 % (the rule: &gt; 40 %)" in shown
    client.post(to("turn-rule", rule.pk), {"turn": "on"})
    evaluate.evaluate(project.pk)
    firing = Firing.objects.get()
    log = client.get(to("rule-log")).content.decode()
    assert "pause on this project" in log

    client.force_login(worker.user)
    record = client.get(reverse("web:record")).content.decode()
    assert "You are paused on this project. What you earned stays yours." in record
    client.post(reverse("web:contest", args=[firing.pk]), {"text": "The keys are wrong."})
    client.force_login(colleague)
    page = client.get(to("firing", firing.pk)).content.decode()
    assert "The keys are wrong." in page
    client.post(to("firing", firing.pk), {"undo": "yes", "text": "They are."})
    assert Participation.objects.get(project=project, worker=worker).state == "active"
    client.force_login(worker.user)
    assert "They are." in client.get(reverse("web:record")).content.decode()


def test_what_would_stop_everybody_is_refused_on_its_page(
    requester: User, organisation: Organisation, worker: Worker, other_worker: Worker, client: Client
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(12), redundancy=2)
    for one in (worker, other_worker):
        work(one, project, always("good"), limit=4)
    client.force_login(requester)
    rule = written(client, project)
    refused = client.post(reverse("web:requester:turn-rule", args=[project.pk, rule.pk]), {"turn": "on"})
    assert refused.status_code == 409
    assert "would have stopped all 2 workers" in refused.content.decode()
    assert Rule.objects.get().state == "off"


def written(client: Client, project: Project) -> Rule:
    form = reverse("web:requester:new-rule", args=[project.pk]) + "?collector=pace&action=pause"
    client.post(form, REST | {"figure_0": "in_day", "comparator_0": "at_least", "value_0": "3"})
    return Rule.objects.get()
