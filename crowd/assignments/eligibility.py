"""What keeps a worker out of projects, read for many of them at once; nothing is locked or written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from crowd.assignments.errors import NotEligible, WorkerStopped
from crowd.assignments.models import Participation
from crowd.kernel.errors import CrowdError, NotFound
from crowd.projects import queries as projects
from crowd.projects.models import Exclusion, Project, TeamMember, Tier
from crowd.projects.states import Warning, Workforce
from crowd.users.models import Membership
from qualifications import requirements
from qualifications.requirements import Unmet, Verdict, bundled
from qualifications.requirements.sentences import demand
from workers.models import Worker
from workers.queries import blocks_now

CLEAR = Verdict((), None)


@dataclass(frozen=True)
class Reach:
    """A further tier of a project, what it demands, and what he lacks for it; `left`: a task there is free."""

    tier: Tier
    demands: tuple[str, ...]
    verdict: Verdict
    left: bool

    @property
    def lacking(self) -> tuple[str, ...]:
        return tuple(one.sentence for one in self.verdict.unmet)


@dataclass(frozen=True)
class Standing:
    """A worker before a project: `refusal` for what no qualification would mend (a block, a team, his own house).

    `unasked` names the content that it shows and that he has not agreed to see (crowd.projects.states.Warning).
    """

    refusal: CrowdError | None
    verdict: Verdict
    unasked: tuple[str, ...] = ()
    tiers: tuple[Reach, ...] = ()

    @property
    def tiers_met(self) -> list[int]:
        """The numbers of the further tiers whose tasks he may be given."""
        return [one.tier.number for one in self.tiers if one.verdict.met]

    @property
    def valid_until(self) -> datetime | None:
        """When the mere passing of time changes something here."""
        moments = (one.valid_until for one in (self.verdict, *(reach.verdict for reach in self.tiers)))
        return min((moment for moment in moments if moment is not None), default=None)

    @property
    def lacking(self) -> tuple[str, ...]:
        """In words; empty when he may take a task."""
        if self.refusal is not None:
            return (str(self.refusal.message),)
        return tuple(one.sentence for one in self.unmet) + self._unasked_sentences

    @property
    def _unasked_sentences(self) -> tuple[str, ...]:
        if not self.unasked:
            return ()
        what = ", ".join(str(label) for value, label in Warning.choices if value in self.unasked)
        return (_("It shows %(what)s, which you have not agreed to see.") % {"what": what},)

    @property
    def unmet(self) -> tuple[Unmet, ...]:
        return self.verdict.unmet

    def allows(self, guard: str) -> bool:
        """Whether the requirements let him do what the guard is about (`qualifications.states.Guard`)."""
        return self.verdict.allows(guard)


def standing(worker: Worker, project: Project, now: datetime) -> Standing:
    return standings(worker, [project], now)[project.pk]


def standings(worker: Worker, found: Sequence[Project], now: datetime) -> dict[int, Standing]:
    """By project id. Eight queries at most, however many projects."""
    refusals = _refusals(worker, found, now)
    ids = [one.pk for one in found]
    asked, tiers = projects.demands_of(ids), projects.tiers_of(ids)
    every = [condition for conditions in asked.values() for condition in conditions]
    held = requirements.holdings(worker, every)

    def verdict(*place: int) -> Verdict:
        return requirements.check(worker, asked[place], now=now, held=held) if place in asked else CLEAR

    def reach(tier: Tier) -> Reach:
        place = (tier.project_id, tier.number)
        said = tuple(demand(bundle) for bundle in bundled(asked.get(place, [])))
        return Reach(tier, said, verdict(*place), getattr(tier, "left", False))

    return {
        one.pk: Standing(
            refusals.get(one.pk),
            verdict(one.pk, 0),
            tuple(warning for warning in one.content_warnings if warning not in worker.shown_warnings),
            tuple(reach(tier) for tier in tiers.get(one.pk, ())),
        )
        for one in found
    }


def _refusals(worker: Worker, found: Sequence[Project], now: datetime) -> dict[int, CrowdError]:
    """The first reason of each project, the weightiest last written."""
    refusals: dict[int, CrowdError] = {}
    sentence = _("This project is for people who did not work on an earlier one of the same requester.")
    refusals |= {pk: NotEligible(sentence) for pk in _excluded(worker, found)}
    refusals |= _of_workforce(worker, found)
    for block in blocks_now(worker, now=now).order_by("-pk"):
        stopped = WorkerStopped(state="blocked", reason=block.reason, ends_at=block.ends_at)
        refusals |= {one.pk: stopped for one in found if block.organisation_id in (None, one.organisation_id)}
    return refusals


def _excluded(worker: Worker, found: Sequence[Project]) -> list[int]:
    mine = Participation.objects.filter(worker=worker, submitted_count__gt=0).values("project_id")
    rows = Exclusion.objects.filter(Q(other__in=mine), project__in=found)
    return list(rows.values_list("project_id", flat=True))


def _of_workforce(worker: Worker, found: Sequence[Project]) -> dict[int, CrowdError]:
    private = [one for one in found if one.workforce == Workforce.TEAM]
    public = [one for one in found if one.workforce != Workforce.TEAM]
    refusals: dict[int, CrowdError] = {}
    if private:
        teams = TeamMember.objects.filter(project__in=private, worker=worker, removed_at=None)
        inside = set(teams.values_list("project_id", flat=True))
        refusals |= {one.pk: NotFound() for one in private if one.pk not in inside}
    if public:
        mine = set(Membership.objects.filter(user=worker.user_id).values_list("organisation_id", flat=True))
        sentence = _("You belong to the organisation that posted this project, so its rewards are not for you.")
        refusals |= {one.pk: NotEligible(sentence) for one in public if one.organisation_id in mine}
    return refusals
