"""A requester's forms as the browser sends them, and the pages that come back."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from crowd.projects.models import Project
from crowd.users.models import Organisation

CSV = b"id,text,gold\n1,what a day,\n2,how sad,\n3,I am glad,good\n"


def to(name: str, *args: Any) -> str:
    return reverse(f"web:requester:{name}", args=args)


def text_of(response: Any) -> str:
    return str(response.content.decode())


def question_form(**more: Any) -> dict[str, Any]:
    return {
        "q-TOTAL_FORMS": "1",
        "q-INITIAL_FORMS": "0",
        "q-0-text": "Which mood?",
        "q-0-kind": "choice",
        "q-0-id": "mood",
        "q-0-labels": "good | Good | g\nbad | Bad | b",
        "q-0-required": "on",
        "q-0-scored": "on",
        "guidelines": "# How\nSay what you **feel**.",
        "cannot_answer": "on",
        "pass_mark": "1.0",
    } | more


def draft_with_data(site: Client, organisation: Organisation, content: bytes = CSV) -> Project:
    """A draft whose file is staged, its columns chosen as guessed."""
    site.post(to("new-project", organisation.pk), {"title": "Moods", "currency": "USD"})
    project = Project.objects.latest("pk")
    file = SimpleUploadedFile("moods.csv", content)
    site.post(to("setup-data", project.pk), {"how": "file", "file": file})
    site.post(
        to("setup-columns", project.pk), {"kind": "text", "field": "text", "key_column": "id", "gold_column": "gold"}
    )
    return project


def quality_form(**more: str) -> dict[str, str]:
    return {
        "redundancy": "3",
        "aggregation_method": "dawid-skene",
        "gold_share": "0",
        "quiz_length": "0",
        "quiz_cap": "0",
        "minimum_accuracy": "",
        "cannot_answer_limit": "2",
        "aggregate_every": "100",
    } | more


def price_form(**more: str) -> dict[str, str]:
    return {
        "currency": "USD",
        "reward": "0.05",
        "expected_s": "",
        "time_limit_s": "10",
        "grace_s": "2",
        "pay_policy": "delay",
        "pay_threshold": "",
        "auto_accept_s": "7",
        "extra_budget": "",
    } | more
