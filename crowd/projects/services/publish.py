"""A project's way through its states, except the last: "closed" is consensus's to say, once everything is decided."""

from collections.abc import Iterator

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock, money
from crowd.labeling.kinds.base import OPINION
from crowd.projects import pricing, queries
from crowd.projects.access import locked_for
from crowd.projects.errors import FloorMissing, Incomplete
from crowd.projects.models import Project, Task, Tier, Upload
from crowd.projects.services import budget, reviews, tiers
from crowd.projects.services.record import record
from crowd.projects.states import PROJECT, ImportState, PayPolicy, ProjectState, ReviewCause
from crowd.users.models import User

MAX_REASON = 1_000


def publish(*, actor: User, project_id: int, gold_answers: int | None = None, checked: bool = False) -> Project:
    """Reserve the whole price and open the project for work, in one transaction. Members may.

    The first project of an organisation for the public rests, paused, until staff have passed it (`reviews`); with
    `checked` it does not (a replay).

    `gold_answers` replaces the estimate of gold answers to pay for, where they are known beforehand (a replay).
    Raises Incomplete naming everything that is missing, BudgetShort with the shortfall and the parts of the price,
    WrongState for a second publish.
    """
    with transaction.atomic(durable=True):
        now = clock.now()
        project = locked_for(actor, project_id, ProjectState.DRAFT)
        missing = what_is_missing(project)
        if missing:
            raise Incomplete(" ".join(missing), missing=missing)
        price = queries.price(project, gold_answers=gold_answers)
        budget.move_in(project, price, key="publish", actor=actor, now=now)
        floor = queries.pay_floor(project)
        project.state, project.published_at = ProjectState.OPEN, now
        project.fee_rate, project.fee_micros = queries.fee_rate(), price.fee_micros
        project.planned_slots = price.slots
        project.gold_reserve_micros = price.gold_reserve_micros
        project.repeat_reserve_micros = price.repeat_reserve_micros
        project.extra_reserve_micros = price.extra_reserve_micros
        project.pay_floor_micros, project.floor_reserve_micros = floor, price.floor_reserve_micros
        tiers.reserve_at_publish(project, price)
        if not checked and reviews.is_needed(project):
            reviews.begin(project, ReviewCause.FIRST, now=now)
        project.save()
        record(actor, project, "project.publish", now=now, after=price.parts())
    return project


def what_is_missing(project: Project) -> list[str]:
    """Everything that keeps a draft from being published, in sentences."""
    tasks = Task.objects.filter(project=project)
    gold = tasks.filter(is_gold=True).count()
    faults = {
        _("There is no label config."): project.config is None,
        _("There are no tasks to be answered."): not tasks.filter(is_gold=False).exists(),
        _("Items are still being imported."): _imports(project),
        _("A share of gold is wanted, but there are no gold tasks."): project.gold_share > 0 and not gold,
        _(
            "Further answers are bought by how sure the merged answer is, which nothing here tells: opinions and long "
            "texts do not, a number only with a tolerance."
        ): project.most_answers is not None and not tiers.can_be_sure(project),
        _("Further answers need a budget: set money aside for them."): (
            project.most_answers is not None and project.reward_micros > 0 and not project.extra_budget_micros
        ),
        _("A pay floor holds here: say how long one task is expected to take."): (
            queries.pay_floor(project) > 0 and project.expected_s is None
        ),
        _("The quiz is longer than there are gold tasks."): project.quiz_length > gold,
        _("Opinions cannot decide about pay: ask a fact too, or choose another pay policy."): (
            project.pay_policy in (PayPolicy.CONSENSUS, PayPolicy.ACCURACY) and _asks_opinions_only(project)
        ),
        _("Repeats are for opinions, and there is no question of opinion: facts are measured by gold."): (
            project.repeat_share > 0 and not _asks_opinions(project)
        ),
        _("A minimum accuracy needs gold tasks."): project.minimum_accuracy is not None and not gold,
    }
    sentences = [sentence for sentence, is_so in faults.items() if is_so]
    return [*sentences, *_below_site_floor(project), *tiers.what_is_missing(project)]


def _below_site_floor(project: Project) -> Iterator[str]:
    """Rewards that promise less than the site's floor by the time that is expected: no top-up makes up for those, which
    is for time that nobody could foresee. One's own floor above the site's is a promise, and may be kept by top-ups."""
    floor, expected = queries.site_floor(project.currency), project.expected_s
    if not expected:
        return
    least, site = pricing.owed_for(expected, floor), money.text(floor, project.currency)
    own = _("Raise the reward to at least %(least)s, or correct the expected time, in the step “Price”.")
    tier = _("Raise the reward of “%(name)s” to at least %(least)s under “Specialists for hard tasks”.")
    rewards = [("", project.reward_micros, own)]
    rewards += [(one.name, one.reward_micros, tier) for one in Tier.objects.filter(project=project).order_by("number")]
    for name, reward, way in rewards:
        if 0 < reward < least:
            facts = {"reward": reward, "hourly": pricing.hourly_micros(reward, expected) or 0, "least": least}
            told = {each: money.text(micros, project.currency) for each, micros in facts.items()}
            told |= {"site": site, "seconds": str(expected), "name": name}
            words = _(
                "%(reward)s for %(seconds)s s comes to %(hourly)s an hour; on this site an hour pays at least %(site)s."
            )
            yield f"{words} {way}" % told


def _asks_opinions_only(project: Project) -> bool:
    questions = project.config.config["questions"] if project.config else []
    return bool(questions) and all(one.get("asks") == OPINION for one in questions)


def _asks_opinions(project: Project) -> bool:
    questions = project.config.config["questions"] if project.config else []
    return any(one.get("asks") == OPINION for one in questions)


def pause(*, actor: User, project_id: int, reason: str = "") -> Project:
    """No new work is given out; what was taken may be finished and is paid. Raises WrongState."""
    return _move(actor, project_id, ProjectState.PAUSED, "project.pause", reason)


def resume(*, actor: User, project_id: int) -> Project:
    """Raises WrongState unless the project is paused."""
    return _move(actor, project_id, ProjectState.OPEN, "project.resume", "")


def start_closing(*, actor: User, project_id: int, reason: str = "") -> Project:
    """No new work for ever; consensus closes the project once everything taken is decided. Raises WrongState."""
    return _move(actor, project_id, ProjectState.CLOSING, "project.close", reason)


def _move(actor: User, project_id: int, target: ProjectState, action: str, reason: str) -> Project:
    with transaction.atomic(durable=True):
        now = clock.now()
        # A draft is opened by publish alone, which pays.
        project = locked_for(actor, project_id, ProjectState.OPEN, ProjectState.PAUSED)
        before = project.state
        PROJECT.check(before, target)
        if target == ProjectState.OPEN:
            reviews.refuse_while_standing(project)
            refuse_while_missing(project)
        project.state = target
        project.pause_reason = reason[:MAX_REASON] if target == ProjectState.PAUSED else ""
        project.closing_at = now if target == ProjectState.CLOSING else None
        project.save(update_fields=["state", "pause_reason", "closing_at"])
        record(actor, project, action, now=now, before={"state": before}, after={"state": target.value}, reason=reason)
    return project


def refuse_while_missing(project: Project) -> None:
    """No further work is asked for while what is due for earlier work is not there. Raises FloorMissing."""
    if project.floor_missing_micros:
        missing = money.text(project.floor_missing_micros, project.currency)
        raise FloorMissing(FloorMissing.default % {"missing": missing}, missing_micros=project.floor_missing_micros)


def _imports(project: Project) -> bool:
    waiting = [ImportState.WAITING, ImportState.RUNNING]
    return Upload.objects.filter(project=project, state__in=waiting).exists()
