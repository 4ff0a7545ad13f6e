"""The question step: a gallery of ready ones, a form editor, JSON for experts, and the worker's page beside it."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.kernel.errors import BadInput
from crowd.kernel.speech import translated
from crowd.labeling import config as label_config
from crowd.labeling import label_search, strict_json
from crowd.labeling.documents import CHAT, MARKDOWN, PLAIN
from crowd.labeling.errors import ConfigError, LabelingError
from crowd.projects import trees
from crowd.projects.errors import Fixed
from crowd.projects.models import Project
from crowd.projects.services import config as configs
from crowd.projects.services import staging
from crowd.projects.states import ImportState
from crowd.web.forms import PageForm
from crowd.web.requester import gallery, reconfiguring
from crowd.web.requester.pages import address, attempt, page, person, show, to
from crowd.web.requester.setup import questions
from crowd.web.requester.setup.data import announced, like
from crowd.web.requester.setup.preview import preview_of
from crowd.web.requester.setup.questions import QuestionForms
from crowd.web.requester.setup.steps import after, context, member_project, staged_of


class AboutForm(PageForm):
    """What belongs to the whole of the questions."""

    guidelines = forms.CharField(
        label=gettext_lazy("Guidelines"),
        required=False,
        strip=False,
        help_text=gettext_lazy("Markdown. Say what is asked, and show an example of each difficult case."),
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    format = forms.ChoiceField(
        label=gettext_lazy("How the text is shown"),
        required=False,
        choices=[
            (PLAIN, gettext_lazy("as it is")),
            (MARKDOWN, gettext_lazy("as Markdown: headings, lists, tables")),
            (CHAT, gettext_lazy("as a chat: a line a turn, “name: words”")),
        ],
    )
    beside = forms.CharField(
        label=gettext_lazy("Column of a second picture, shown beside the first"), required=False, max_length=200
    )
    prediction = forms.CharField(
        label=gettext_lazy("Column with what a model answered, from which workers start"),
        required=False,
        max_length=200,
        help_text=gettext_lazy(
            "Written as known answers are. Workers see it filled in and put it right; nobody is paid for it. Let it be "
            "wrong in some known answers: they tell who only confirms."
        ),
    )
    cannot_answer = forms.BooleanField(
        label=gettext_lazy("Workers may say that a task cannot be answered"), required=False, initial=True
    )
    pass_mark = forms.FloatField(
        label=gettext_lazy("Share of a gold task that must be right"),
        required=False,
        min_value=0.01,
        max_value=1,
        help_text=gettext_lazy(
            "Empty: all of it, or 0.7 where places and texts are compared, which are seldom quite equal."
        ),
    )


class JsonForm(PageForm):
    config = forms.CharField(
        label=gettext_lazy("Label config (JSON)"),
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "mono"}),
    )

    def clean_config(self) -> dict[str, Any]:
        try:
            value = strict_json.loads(self.cleaned_data["config"])
        except strict_json.JsonError as error:
            raise forms.ValidationError(str(error)) from error
        if not isinstance(value, dict):
            raise forms.ValidationError(_("This must be a JSON object."))
        return value


@page("GET", "POST")
def question(request: HttpRequest, project_id: int) -> HttpResponse:
    project = member_project(request, project_id)
    if request.method == "GET":
        return _first(request, project)
    if request.POST.get("edit"):
        return _edited_on(request, project)
    forms_, about = _forms(project, request.POST), AboutForm(request.POST)
    if request.POST.get("more") or request.POST.get("look") or forms_.turned:
        return _drawn_anew(request, project, about)
    if forms_.is_valid() and about.is_valid():
        config = _config(project, forms_, about)
        if _is_right(config, forms_):
            done = attempt(about, lambda: _save(request, project, config, about.cleaned_data["guidelines"]))
            if done is not None:
                return done
    return show(request, "setup/question", _context(request, project, forms_, about))


@page("GET", "POST")
def as_json(request: HttpRequest, project_id: int) -> HttpResponse:
    project = member_project(request, project_id)
    chosen = gallery.ready(request.GET.get("ready", ""))
    start = project.config.config if project.config else _data_of(project) | {"questions": []}
    if chosen:
        start = {**start, **_in_form(_data_of(project), chosen.data), "questions": list(chosen.questions)}
    form = JsonForm(request.POST or None, initial={"config": json.dumps(start, indent=2, ensure_ascii=False)})
    if form.is_valid():
        text = project.guidelines.text if project.guidelines else ""
        done = attempt(form, lambda: _save(request, project, form.cleaned_data["config"], text))
        if done is not None:
            return done
    return show(request, "setup/question_json", context(project, "question", form=form))


@page("POST")
def preview(request: HttpRequest, project_id: int) -> HttpResponse:
    """The worker's page of what is in the form now, stored nowhere: a part of a page, asked for while typing."""
    project = member_project(request, project_id)
    forms_, about = _forms(project, request.POST), AboutForm(request.POST)
    if not (forms_.is_valid() and about.is_valid()):
        return show(request, "setup/_preview", {"project": project, "fault": _("Not complete yet.")})
    try:
        config = label_config.parse(_config(project, forms_, about))
    except LabelingError as error:
        return show(request, "setup/_preview", {"project": project, "fault": translated(error.sentence)})
    text = about.cleaned_data["guidelines"]
    shown = {"project": project, "guidelines": text, "config": config}
    return show(request, "setup/_preview", shown | preview_of(config, project, person(request)))


@page("POST")
def labels(request: HttpRequest, project_id: int) -> HttpResponse:
    """Labels of a tree that is in the form now, stored nowhere, for the search in the preview."""
    project = member_project(request, project_id)
    forms_, about = _forms(project, request.POST), AboutForm(request.POST)
    asked = {name: request.GET.get(name, "") for name in ("question", "words", "under")}
    found = None
    if forms_.is_valid() and about.is_valid():
        with suppress(LabelingError, BadInput):  # the preview beside it says what is wrong
            config = trees.resolved(label_config.parse(_config(project, forms_, about)), project.pk)
            found = label_search.found(config, **asked)
    return JsonResponse(found or [], safe=False)


def _first(request: HttpRequest, project: Project) -> HttpResponse:
    """What is stored; a ready question that was chosen; or the gallery."""
    chosen = gallery.ready(request.GET.get("ready", ""))
    if project.config and not questions.fits_form(project.config.config) and not chosen:
        return to("setup-question-json", project.pk)
    if chosen and not questions.fits_form(chosen.config):
        return redirect(f"{address('setup-question-json', project.pk)}?ready={chosen.slug}")
    start, data = _start(project, chosen), _data_of(project)["data"]
    if start is None:
        ready = gallery.fitting(data["kind"])
        return show(request, "setup/gallery", context(project, "question", ready=ready, data=data))
    text = project.guidelines.text if project.guidelines else str(chosen.guidelines if chosen else "")
    return _editor(request, project, start, text)


def _editor(request: HttpRequest, project: Project, start: dict[str, Any], text: str) -> HttpResponse:
    forms_ = _forms(project, initial=questions.initial(start["questions"]))
    about = AboutForm(
        initial={
            "guidelines": text,
            "format": start["data"].get("format", PLAIN),
            "beside": start["data"].get("beside", ""),
            "prediction": start["data"].get("prediction", ""),
            "cannot_answer": start.get("cannot_answer", True),
            "pass_mark": start.get("pass_mark"),
        }
    )
    return show(request, "setup/question", _context(request, project, forms_, about, start))


def _edited_on(request: HttpRequest, project: Project) -> HttpResponse:
    """Back from the look at a change of version: what was edited is there again."""
    form = JsonForm(request.POST)
    if not form.is_valid() or not questions.fits_form(form.cleaned_data["config"]):
        return show(request, "setup/question_json", context(project, "question", form=form))
    return _editor(request, project, form.cleaned_data["config"], request.POST.get("guidelines", ""))


def _start(project: Project, chosen: gallery.Ready | None) -> dict[str, Any] | None:
    if chosen:
        return _in_form(_data_of(project), chosen.data) | {"questions": list(chosen.questions)}
    return {**project.config.config, **_data_of(project)} if project.config else None


def _forms(project: Project, given: Any = None, *, quiet: bool = False, **more: Any) -> Any:
    about = {"shown": _data_of(project)["data"]["kind"], "quiet": quiet}
    return QuestionForms(given, prefix="q", form_kwargs=about, **more)


def _drawn_anew(request: HttpRequest, project: Project, about: AboutForm) -> HttpResponse:
    """The same page with a question or a row more, or the settings of another kind; what was typed stays."""
    data = request.POST.copy()
    if data.get("more"):
        total = min(int(data.get("q-TOTAL_FORMS") or 0) + 1, questions.MOST)
        data["q-TOTAL_FORMS"] = str(total)
        for name in ("required", "scored"):
            data[f"q-{total - 1}-{name}"] = "on"
    shown = _context(request, project, _forms(project, data, quiet=True), about)
    return show(request, "setup/question", shown | {"quiet": True})


def _is_right(config: dict[str, Any], forms_: Any) -> bool:
    """False where the parser refuses one of the questions, which then says why."""
    try:
        label_config.parse(config)
    except ConfigError as error:
        return not forms_.refused(error)
    return True


def _save(request: HttpRequest, project: Project, config: dict[str, Any], guidelines: str) -> HttpResponse:
    """The config, the guidelines, and then the file that waited for them; while it is answered, and more than words
    changes, what becomes of the answers is asked first."""
    actor, guidelines = person(request), configs.checked_guidelines(guidelines)  # before the questions are asked about
    written = guidelines if guidelines or project.guidelines else None
    try:
        configs.set_config(actor=actor, project_id=project.pk, config=config, guidelines=written)
    except Fixed:
        return reconfiguring.begin(request, project, config, guidelines)
    staged = staged_of(project)
    if staged is None or not staged.chosen:
        messages.success(request, _("The question is saved."))
        return to("setup-data" if staged else after("question"), project.pk)
    upload = staging.import_staged(actor=actor, project_id=project.pk)
    if upload.state != ImportState.DONE or upload.rows_bad:
        return announced(request, upload)
    messages.success(request, _("The question is saved, and %(n)s rows are imported.") % {"n": upload.rows_good})
    return to(after("question"), project.pk)


def _config(project: Project, forms_: Any, about: AboutForm) -> dict[str, Any]:
    given = about.cleaned_data
    return _in_form(_data_of(project), given) | {
        "questions": forms_.to_json(),
        "cannot_answer": given["cannot_answer"],
        **({"pass_mark": given["pass_mark"]} if given["pass_mark"] else {}),
    }


def _in_form(start: dict[str, Any], chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The data of `start` with what was chosen about them: the `format` of texts, a second picture `beside` the first,
    the column of a `prediction`.

    What does not fit the kind of the data is left out; without a word about it, a column that `start` names stays.
    """
    data = start["data"]
    named = {"prediction": chosen.get("prediction", data.get("prediction", ""))}
    if data["kind"] == "image":
        named["beside"] = chosen.get("beside", data.get("beside", ""))
    if data["kind"] == "text":
        named["format"] = chosen.get("format") or data.get("format", PLAIN)
    left = {name: value for name, value in data.items() if name not in named}
    return {"data": left | {name: value for name, value in named.items() if value}}


def _data_of(project: Project) -> dict[str, Any]:
    """What workers look at: as chosen for the file that waits, as configured before, or texts in a column "text"."""
    staged = staged_of(project)
    known = project.config.config["data"] if project.config else {}
    if staged and staged.chosen:
        return {"data": like(known, kind=staged.chosen["kind"], field=staged.chosen["field"])}
    if known:
        return {"data": known}
    return {"data": {"kind": "text", "field": "text"}}


def _context(
    request: HttpRequest, project: Project, forms_: Any, about: AboutForm, start: dict[str, Any] | None = None
) -> dict[str, Any]:
    shown: dict[str, Any] = {"formset": forms_, "about": about, "shown_kind": _data_of(project)["data"]["kind"]}
    if start is not None:
        try:
            config = label_config.parse({"data": start["data"], "questions": start["questions"]})
            shown |= preview_of(config, project, person(request)) | {"config": config}
            shown["guidelines"] = about["guidelines"].value()
        except LabelingError as error:
            shown["fault"] = translated(error.sentence)
    return context(project, "question", **shown)
