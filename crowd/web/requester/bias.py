"""The report on bias: labels by groups of items, by groups of workers, against gold, and over time."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.consensus.access import bias_report_for
from crowd.consensus.bias import report, rows, sums
from crowd.consensus.bias.subject import NO, YES, Subject
from crowd.consensus.models import BiasReport
from crowd.consensus.services import bias_reports
from crowd.labeling.formats import csv_rows
from crowd.projects.models import Project
from crowd.web.choices import country_name, language_name
from crowd.web.forms import PageForm
from crowd.web.paging import whole
from crowd.web.requester.pages import address, attempt, page, person, show
from crowd.web.requester.project import frame
from crowd.web.requester.setup.steps import member_project

HARDLY_CHANCE = 0.01
SMALL, MEDIUM = 0.1, 0.3  # of Cramér's V (J. Cohen, Statistical Power Analysis, 1988)
MOST_EARLIER = 10


class BiasForm(PageForm):
    question = forms.ChoiceField(label=gettext_lazy("Question"))
    column = forms.ChoiceField(label=gettext_lazy("Group items by"), required=False)

    def __init__(self, project: Project, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = [(_value(one.question.id, one.label), _words(one)) for one in report.subjects(project)]
        columns = [(name, name) for name in sums.columns(project)]
        self.fields["question"].choices = asked  # type: ignore[attr-defined]
        self.fields["column"].choices = [("", _("nothing")), *columns]  # type: ignore[attr-defined]


@page("GET", "POST")
def bias(request: HttpRequest, project_id: int) -> HttpResponse:
    """GET shows a report that was counted; POST has one counted."""
    project = member_project(request, project_id)
    found = _chosen(request, project)
    initial = {"question": _value(found.question, found.label), "column": found.column} if found else None
    form = BiasForm(project, request.POST or None, initial=initial)
    if form.is_valid():
        question, _colon, label = form.cleaned_data["question"].partition(":")
        given = {"question": question, "label": label, "column": form.cleaned_data["column"]}
        done = attempt(form, lambda: bias_reports.ask(actor=person(request), project_id=project_id, **given))
        if done:
            return redirect(f"{address('bias', project_id)}?report={done.pk}")
    earlier = BiasReport.objects.filter(project=project).exclude(pk=found.pk if found else 0).order_by("-asked_at")
    context = {"form": form, "report": found, "earlier": earlier[:MOST_EARLIER], "can": report.subjects(project)}
    return show(request, "bias", frame(project, "bias") | context | (_shown(found) if found else {}))


@page()
def bias_file(request: HttpRequest, project_id: int) -> HttpResponseBase:
    member_project(request, project_id)
    wanted = {name: request.GET.get(name, "") for name in ("question", "label", "column")}
    found = bias_report_for(person(request), project_id, **wanted)
    lines = csv_rows.lines(rows.rows(found.figures) if found.figures else [], rows.COLUMNS)
    headers = {"Content-Disposition": f'attachment; filename="project-{project_id}-bias.csv"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _chosen(request: HttpRequest, project: Project) -> BiasReport | None:
    """The one that the address names, else the newest."""
    asked = BiasReport.objects.filter(project=project).order_by("-asked_at")
    number = whole(request.GET.get("report", ""))
    return asked.first() if number is None else asked.filter(pk=number).first()


def _value(question: str, label: str) -> str:
    """Of the form's choice. No question's id has a colon."""
    return f"{question}:{label}" if label else question


def _words(subject: Subject) -> str:
    words = subject.question.text or subject.question.id
    return f"{words} · {subject.label}" if subject.label else words


def _shown(found: BiasReport) -> dict[str, Any]:
    """Sections with their lines, labels and verdicts, in words."""
    figures: dict[str, Any] | None = found.figures
    if figures is None:
        return {}
    if found.label:
        figures = _chosen_or_not(figures)
    workers, drift, items = figures["workers"], figures["drift"], figures["items"]
    return {
        "whole": figures["whole"],
        "rating": any(figures["whole"].get(name) for name in ("difference", "gold_difference")),
        "items": _section(items) if items else None,
        "least": workers["least"],
        "by_workers": [
            (_("By country"), _named(workers["countries"], country_name)),
            (_("By languages"), _named(workers["languages"], _languages)),
        ],
        "labels": {"rows": _label_rows(figures["labels"]["lines"]), "verdict": verdict(figures["labels"]["test"])},
        "drift": _section(drift),
        "by_week": drift["each"] == "week",
    }


def _chosen_or_not(figures: dict[str, Any]) -> dict[str, Any]:
    """Yes and no to one label of several, in the reader's words."""
    words = {YES: _("chosen"), NO: _("not chosen")}

    def said(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row | {"counts": {words[name]: count for name, count in row["counts"].items()}} for row in rows]

    items, drift, labels = figures["items"], figures["drift"], figures["labels"]
    return figures | {
        "items": items and items | {"labels": said(items["labels"])},
        "drift": drift | {"labels": said(drift["labels"])},
        "labels": labels | {"lines": [line | {"label": words[line["label"]]} for line in labels["lines"]]},
    }


def _label_rows(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each label's share, and its number, of merged answers, of gold keys and of what was said on gold."""
    names = {"merged": _("Merged answers"), "keys": _("Gold keys"), "said_on_gold": _("Said on gold")}
    whole = {name: sum(line[name] for line in lines) for name in names}
    return [
        {
            "label": line["label"],
            "cells": [
                (title, line[name] / whole[name] if whole[name] else None, line[name]) for name, title in names.items()
            ],
        }
        for line in lines
    ]


def _section(part: dict[str, Any]) -> dict[str, Any]:
    names = list(part["labels"][0]["counts"]) if part["labels"] else []
    tests = [(_("Accuracy"), part["accuracy_test"]), (_("Agreement"), part["agreement_test"])]
    return {
        "lines": part["lines"],
        "names": names,
        "labels": [(row["group"], _shares(list(row["counts"].values()))) for row in part["labels"]],
        "verdicts": [(name, verdict(test)) for name, test in tests if test],
        "labels_verdict": verdict(part["labels_test"]),
    }


def _named(part: dict[str, Any], name: Callable[[str], str]) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for measure in ("accuracy", "agreement"):
        named[measure] = [line | {"group": line["group"] and name(line["group"])} for line in part[measure]]
        named[f"{measure}_verdict"] = verdict(part[f"{measure}_test"])
    return named


def _languages(codes: str) -> str:
    return ", ".join(language_name(code) for code in codes.split(", "))


def _shares(counts: list[int]) -> list[float | None]:
    total = sum(counts)
    return [count / total if total else None for count in counts]


def verdict(test: dict[str, Any] | None) -> str:
    """A test in words that need no statistics; empty where there is nothing to compare."""
    if test is None:
        return ""
    if test["thin"]:
        return _("Too few to tell whether the groups differ.")
    if test["p"] >= HARDLY_CHANCE:
        return _("Chance alone may well give differences like these.")
    if test["effect"] < SMALL:
        return _("Chance alone hardly gives differences like these, but they are small.")
    if test["effect"] < MEDIUM:
        return _("Chance alone hardly gives differences like these; they are of some size.")
    return _("Chance alone hardly gives differences like these, and they are large.")
