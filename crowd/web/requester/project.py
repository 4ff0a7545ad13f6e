"""One project as it runs: how far, how sure, by whom, at what cost; and what its requester may do about it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.assignments import pay_floor
from crowd.assignments import queries as assignments
from crowd.assignments.configs import parsed
from crowd.assignments.models import Participation
from crowd.consensus import answers, queries, spending, tiers
from crowd.consensus.models import Proposal
from crowd.consensus.parts import Rows
from crowd.consensus.services import fold
from crowd.consensus.states import ProposalState
from crowd.kernel import clock, replica
from crowd.kernel.money import TEST_CURRENCY
from crowd.labeling.kinds import Choice, Question
from crowd.projects.models import Project, Report, Task, TeamMember
from crowd.projects.services import budget, config, draft, publish, reviews
from crowd.projects.states import ProjectState, TaskState, Workforce
from crowd.quality import Votes
from crowd.quality.agreement import krippendorff_alpha
from crowd.talk.queries import unread_of_project
from crowd.web.forms import Keyed, PageForm
from crowd.web.requester import charts, costs
from crowd.web.requester.kept import forget, kept, spent
from crowd.web.requester.money_field import MoneyField
from crowd.web.requester.pages import address, attempt, deed, page, person, show, to
from crowd.web.requester.setup.steps import member_project
from workers.services.pseudonyms import pseudonyms_for

SHOWN_WORKERS = 10
LIVE_STATES = (ProjectState.OPEN, ProjectState.CLOSING)
LARGEST_FOR_ALPHA = 200_000  # answers
A_DAY_S = 24 * 3600


RESERVES = [
    ("extra", gettext_lazy("further answers on doubtful tasks")),
    ("gold", gettext_lazy("gold tasks")),
    ("repeats", gettext_lazy("repeated items")),
    ("review", gettext_lazy("reviews and rework")),
    ("floor", gettext_lazy("topping up to the pay floor")),
]


class BudgetForm(Keyed):
    reserve = forms.ChoiceField(label=gettext_lazy("For"))
    amount = MoneyField(label=gettext_lazy("Amount"), widget=forms.TextInput(attrs={"class": "short"}))

    def __init__(self, project: Project, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reserve"]
        assert isinstance(field, forms.ChoiceField)
        names = dict(RESERVES) | {f"tier-{one.number}": one.name for one in project.tiers.order_by("number")}
        field.choices = [(name, names[name]) for name in budget.raisable(project)]


class WordsForm(PageForm):
    """What may change while people work: words, never the bargain."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    description = forms.CharField(
        label=gettext_lazy("Description"),
        required=False,
        help_text=gettext_lazy("Workers read it in the list of projects."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    guidelines = forms.CharField(
        label=gettext_lazy("Guidelines"),
        required=False,
        strip=False,
        help_text=gettext_lazy("A new version. Workers are shown what has changed before they go on."),
        widget=forms.Textarea(attrs={"rows": 14}),
    )


@page()
@replica.reads
def project(request: HttpRequest, project_id: int) -> HttpResponse:
    found = member_project(request, project_id)
    if found.state == ProjectState.DRAFT:
        return to("setup-data" if not found.config_id else "setup-check", project_id)
    return show(request, "project", frame(found, "overview") | figures(found))


@page()
@replica.reads
def live(request: HttpRequest, project_id: int) -> HttpResponse:
    """The figures alone: the page asks for them every few seconds and puts them in place of the old ones."""
    found = member_project(request, project_id)
    return show(request, "_figures", frame(found, "overview") | figures(found))


@page("GET", "POST")
def words(request: HttpRequest, project_id: int) -> HttpResponse:
    found = member_project(request, project_id)
    text = found.guidelines.text if found.guidelines else ""
    initial = {"title": found.title, "description": found.description, "guidelines": text}
    form = WordsForm(request.POST or None, initial=initial)
    if form.is_valid() and attempt(form, lambda: _save_words(request, found, form)):
        messages.success(request, _("The words are changed."))
        return to("words", project_id)
    return show(request, "words", frame(found, "words") | {"form": form})


@page("GET", "POST")
def funds(request: HttpRequest, project_id: int) -> HttpResponse:
    """Where the project's money is, part by part; POST adds to a reserve."""
    found = member_project(request, project_id)
    form = BudgetForm(found, request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        done = attempt(
            form,
            lambda: budget.add_budget(
                actor=person(request),
                project_id=project_id,
                reserve=given["reserve"],
                amount_micros=given["amount"],
                key=given["key"],
            ),
        )
        if done:
            forget(project_id)
            messages.success(request, _("The reserve was raised."))
            return to("funds", project_id)
    context = {"form": form, "spend": spent(found), "lines": _reserve_lines(found)}
    context["floor"] = pay_floor.known(found) if found.pay_floor_micros else []
    return show(request, "funds", frame(found, "funds") | context)


@deed
def pause(request: HttpRequest, project_id: int) -> HttpResponse:
    publish.pause(actor=person(request), project_id=project_id, reason=request.POST.get("reason", ""))
    forget(project_id)
    messages.success(request, _("No more tasks are given out. What workers hold they may finish, and it is paid."))
    return to("project", project_id)


@deed
def resume(request: HttpRequest, project_id: int) -> HttpResponse:
    publish.resume(actor=person(request), project_id=project_id)
    forget(project_id)
    messages.success(request, _("Tasks are given out again."))
    return to("project", project_id)


@deed
def review_again(request: HttpRequest, project_id: int) -> HttpResponse:
    """What staff did not like is mended: they are asked to look once more."""
    reviews.ask_again(actor=person(request), project_id=project_id)
    messages.success(request, _("Staff are asked to look again. It opens when they let it."))
    return to("project", project_id)


@page("GET", "POST")
def close(request: HttpRequest, project_id: int) -> HttpResponse:
    """GET says what closing will do; POST does it."""
    found = member_project(request, project_id)
    if request.method == "POST":
        publish.start_closing(actor=person(request), project_id=project_id, reason=request.POST.get("reason", ""))
        forget(project_id)
        messages.success(
            request, _("The project is closing. What is left of its money comes back when all is decided.")
        )
        return redirect(address("project", project_id))
    spend = spending.spend(found)
    context = {"spend": spend, "progress": assignments.progress(found)}
    return show(request, "close", frame(found, "overview") | context)


def frame(found: Project, here: str) -> dict[str, Any]:
    """What every page of a published project shows: title, state, tabs."""
    waiting = Proposal.objects.filter(project=found, state=ProposalState.OPEN).count()
    tabs = [
        ("overview", _("Overview"), "project", None),
        ("results", _("Results"), "results", None),
        ("answers", _("Answers"), "answers", None),
        ("proposals", _("To decide"), "proposals", waiting or None),
        ("workers", _("Workers"), "workers", None),
        ("messages", _("Messages"), "threads", unread_of_project(found) or None),
        ("gold", _("Gold"), "gold", None),
        ("bias", _("Bias"), "bias", None),
        ("guidance", _("Guidelines"), "guidance", None),
        ("rules", _("Rules"), "rules", None),
        ("items", _("Items"), "items", None),
        ("funds", _("Money"), "funds", None),
        ("words", _("Words"), "words", None),
    ]
    if found.workforce == "team":
        tabs.append(("team", _("Team"), "team", None))
    return {
        "project": found,
        "review": reviews.standing(found),
        "organisation": found.organisation,
        "sandbox": found.currency == TEST_CURRENCY,
        "tabs": [
            {"title": title, "address": address(name, found.pk), "current": slug == here, "count": count}
            for slug, title, name, count in tabs
        ],
        "here": "projects",
        "may_change": found.state in (ProjectState.OPEN, ProjectState.PAUSED),
    }


def figures(found: Project) -> dict[str, Any]:
    counted = _counted(found)
    return counted | {
        "speed_chart": charts.of_speed(counted["speed"], timezone.get_current_timezone()),
        "by_day": counted["speed"].each.total_seconds() >= A_DAY_S,
        "questions": _with_charts(found, counted["questions"]),
        "workers": worker_lines(found, list(_busiest(found))),
        "reports": list(Report.objects.filter(project=found, handled_at=None).order_by("-pk")[:10]),
        "nobody_yet": found.workforce == Workforce.TEAM
        and not TeamMember.objects.filter(project=found, removed_at=None).exists(),
        "in_review": Task.objects.filter(project=found, state=TaskState.REVIEW).order_by("pk")[:20],
        "updates": found.state in LIVE_STATES,
        "now": clock.now(),
    }


@kept("overview")
def _counted(found: Project) -> dict[str, Any]:
    """What all answers must be read for, in nobody's language."""
    now = clock.now()
    progress, spend = assignments.progress(found), spending.spend(found)
    speed = queries.speed(found, now=now)
    run = queries.last_run(found)
    return {
        "progress": progress,
        "spend": spend,
        "speed": speed,
        "forecast": queries.forecast(found, progress, spend, speed, now=now),
        "gold": queries.gold_accuracy(found),
        "run": run,
        "questions": _questions(found, run) if found.config_id else [],
        "gold_lines": [line for line in queries.gold_lines(found, most=50) if line.shown][:10],
        "hardest": list(queries.hardest(found)),
        "cost": costs.of_running(found),
        "tiers": tiers.lines(found),
    }


def worker_lines(found: Project, rows: list[Participation]) -> list[tuple[str, queries.WorkerLine]]:
    """With their pseudonyms: nothing else of them is shown to a requester."""
    lines = queries.worker_lines(found, rows, paid=_paid(found))
    codes = pseudonyms_for(found.organisation, [line.worker_id for line in lines])
    return [(codes[line.worker_id], line) for line in lines]


@kept("paid")
def _paid(found: Project) -> dict[int, int]:
    return queries.paid(found)


def _busiest(found: Project) -> Any:
    return Participation.objects.filter(project=found).order_by("-submitted_count", "pk")[:SHOWN_WORKERS]


def _questions(found: Project, run: Any) -> list[dict[str, Any]]:
    assert found.config_id is not None
    asked = parsed(found.config_id).questions
    alphas = _alphas(found, [one.id for one in asked if isinstance(one, Choice)], run)
    return [_question(found, one, alphas.get(one.id)) for one in asked]


def _question(found: Project, question: Question, alpha: float | None) -> dict[str, Any]:
    labels = queries.labels(found, question.id)
    return {
        "id": question.id,
        "bins": queries.histogram(found, question.id),
        "labels": labels if isinstance(question, Choice) or question.kind == "multi-choice" else [],
        "agreement": queries.mean_agreement(found, question.id),
        "alpha": alpha,
    }


def _with_charts(found: Project, counted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was counted, by the questions that are asked now."""
    config = parsed(found.config_id) if found.config_id else None
    return [
        one | {"question": config.question(one["id"]), "histogram": charts.of_posteriors(one["bins"] or [])}
        for one in counted
        if config and one["id"] in config.ids
    ]


def _alphas(found: Project, ids: Sequence[str], run: Any) -> dict[str, float]:
    """Krippendorff's alpha as of the last run: counted once a run, and not where that would take long; of all questions
    from one reading of the answers."""
    if run is None or run.answers > LARGEST_FOR_ALPHA:
        return {}
    keys = {id: f"web:alpha:{run.pk}:{id}" for id in ids}
    stored = cache.get_many(keys.values())
    known = {id: stored[key] for id, key in keys.items() if key in stored}
    if missing := [id for id in ids if id not in known]:
        rows = fold.every(found.pk, using=replica.alias())
        new = {id: _count_alpha(found, id, rows) for id in missing}
        cache.set_many({keys[id]: alpha for id, alpha in new.items()}, A_DAY_S)
        known |= new
    return {id: float(alpha) for id, alpha in known.items() if alpha == alpha}


def _count_alpha(found: Project, id: str, rows: Rows) -> float:
    given = answers.given(project_id=found.pk, question=id, rows=rows)
    if not len(given):
        return float("nan")
    votes = Votes.from_labels(given.place.tolist(), given.workers, given.values, voting=given.voting)
    return krippendorff_alpha(votes)


def _save_words(request: HttpRequest, found: Project, form: WordsForm) -> bool:
    given, actor = form.cleaned_data, person(request)
    config.checked_guidelines(given["guidelines"])  # before the rest is changed
    draft.edit(actor=actor, project_id=found.pk, title=given["title"], description=given["description"])
    if given["guidelines"] or found.guidelines:
        config.set_guidelines(actor=actor, project_id=found.pk, text=given["guidelines"])
    return True


def _reserve_lines(found: Project) -> list[tuple[str, int]]:
    taken = Participation.objects.filter(project=found).aggregate(
        gold=Sum("gold_spent_micros", default=0), repeats=Sum("repeat_spent_micros", default=0)
    )
    repeats = [(_("repeated items to come"), found.repeat_reserve_micros - taken["repeats"])]
    floor = [(_("topping up to the pay floor"), found.floor_reserve_micros)] if found.pay_floor_micros else []
    return [
        (_("gold tasks to come"), found.gold_reserve_micros - taken["gold"]),
        *(repeats if found.repeat_share else []),
        (_("further answers on doubtful tasks"), found.extra_reserve_micros),
        *((one.name, one.reserve_micros) for one in found.tiers.order_by("number")),
        (_("reviews and rework"), found.review_reserve_micros),
        *floor,
        (_("surplus, for tasks that are given out again"), found.surplus_micros),
    ]
