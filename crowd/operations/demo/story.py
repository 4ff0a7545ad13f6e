"""The whole demo, from an empty site to a running market: who comes, what is posted, done, decided and paid."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random

from crowd.assignments.models import Participation
from crowd.assignments.states import ParticipationState
from crowd.consensus.models import Proposal
from crowd.consensus.services import proposals
from crowd.consensus.services.close import close_project
from crowd.consensus.states import ProposalState
from crowd.kernel import clock
from crowd.operations.demo import cast as casting
from crowd.operations.demo import posting, waiting
from crowd.operations.demo.cast import Cast
from crowd.operations.demo.digits import Digit, load
from crowd.operations.demo.showcase import stage
from crowd.operations.demo.showcase.stage import Staged
from crowd.operations.demo.work import NIGHT, Work, do_all, of_digits, run_jobs
from crowd.payouts.errors import BelowMinimum
from crowd.payouts.models import Payout
from crowd.payouts.services import batches, outcome, request, sending
from crowd.projects.models import Project
from crowd.projects.services import publish
from workers.models import PayoutProfile
from workers.services import payout_profile

Progress = Callable[[int, int], None]

PILOT_SHARE = 0.054
PILOT_PEOPLE = 12
FIRST_PART = 2 / 3
GOLD_ON_TOP = 1.2  # answers for each slot of a project, its gold counted
DECIDES_ON_DAY = 2
REJECTS, DISMISSES = 10, 5
REASON = "You were paused for your answers to known pictures, and here all others saw a different digit."
PROFILE = {
    "legal_name": "Wanda Worker",
    "address": "Musterweg 1\n10115 Berlin",
    "date_of_birth": "1990-12-31",
    "country": "DE",
    "method": "bank_transfer",
    "iban": "DE89 3704 0044 0532 0130 00",
}


@dataclass(frozen=True, kw_only=True)
class Settings:
    items: int | None = None  # how many digits, all when None
    crowd: int = 40
    seed: int = 0


@dataclass(frozen=True)
class Story:
    """What came of it; `began` and `ended` are the site's own time, which passes faster here."""

    cast: Cast
    pilot: Project
    main: Project
    staged: Sequence[Staged]
    digits: Sequence[Digit]
    payout: Payout | None
    began: datetime
    ended: datetime
    seed: int

    @property
    def projects(self) -> tuple[Project, ...]:
        return self.pilot, self.main, *(one.project for one in self.staged)


def play(settings: Settings, progress: Progress) -> Story:
    """`progress` hears answers given and expected in all."""
    random = Random(settings.seed)  # noqa: S311 (a simulation)
    began = clock.now()
    digits = load(settings.items)
    cast = casting.assemble(settings.crowd)
    pilot_digits, first, rest = _parts(digits)
    tick = _Counter(progress, GOLD_ON_TOP * 3 * (len(pilot_digits) + len(first)))
    pilot = _pilot(cast, pilot_digits, random, tick)
    main = _main(cast, first, random, tick)
    staged = stage.put_on(cast, random, tick)
    tick.end()
    posting.add_digits(cast, main, rest, gold=(), random=random)
    payout = _payday(cast)
    posting.draft_of_reviews(cast)
    waiting.leave_work(cast, main)
    pilot.refresh_from_db()
    main.refresh_from_db()
    return Story(cast, pilot, main, staged, digits, payout, began, clock.now(), settings.seed)


class _Counter:
    """How many answers there will be is known only at the end; until then it is a guess that gives way."""

    def __init__(self, progress: Progress, expected: float) -> None:
        self._progress, self._expected, self._done = progress, round(expected), 0

    def __call__(self) -> None:
        self._done += 1
        self._progress(self._done, max(self._expected, self._done + 1))

    def end(self) -> None:
        self._progress(self._done, self._done)


def _parts(digits: Sequence[Digit]) -> tuple[Sequence[Digit], Sequence[Digit], Sequence[Digit]]:
    """The pilot's, those that the crowd works through, and those that wait for whoever signs in."""
    pilot = max(6, round(len(digits) * PILOT_SHARE))
    first = pilot + round((len(digits) - pilot) * FIRST_PART)
    return digits[:pilot], digits[pilot:first], digits[first:]


def _pilot(cast: Cast, digits: Sequence[Digit], random: Random, tick: Callable[[], None]) -> Project:
    """Done by a few, then closed: what was not needed goes back to the requester."""
    project = posting.pilot(cast, digits, random)
    do_all(Work(project, cast.crowd[:PILOT_PEOPLE], of_digits(project, digits), random, tick))
    publish.start_closing(actor=cast.requester, project_id=project.pk, reason="The pilot is done.")
    deadline = clock.now() + timedelta(seconds=project.auto_accept_s) + 2 * NIGHT
    while not close_project(project.pk):  # a report that nobody confirmed waits for its time
        if clock.now() > deadline:
            raise RuntimeError("the pilot did not close")
        clock.advance(NIGHT)
        run_jobs(project)
    return project


def _main(cast: Cast, digits: Sequence[Digit], random: Random, tick: Callable[[], None]) -> Project:
    project = posting.main(cast, digits, random)
    says = of_digits(project, digits)
    do_all(Work(project, cast.crowd, says, random, tick, evening=partial(_decide, cast, project)))
    return project


def _decide(cast: Cast, project: Project, day: int) -> None:
    """One evening the requester looks at proposed rejections; what she leaves open is paid when its time comes."""
    if day != DECIDES_ON_DAY:
        return
    waiting = Proposal.objects.filter(project=project, state=ProposalState.OPEN).order_by("id")
    paused = Participation.objects.filter(project=project, state=ParticipationState.PAUSED).values("worker")
    against = list(waiting.filter(assignment__worker__in=paused).values_list("id", flat=True)[:REJECTS])
    others = list(waiting.exclude(assignment__worker__in=paused).values_list("id", flat=True)[:DISMISSES])
    if others:
        proposals.dismiss(actor=cast.requester, project_id=project.pk, proposal_ids=others)
    if against:
        proposals.reject(actor=cast.requester, project_id=project.pk, proposal_ids=against, reason=REASON)


def _payday(cast: Cast) -> Payout | None:
    """Wanda asks for what she has earned; one of the staff batches it, the other approves, the bank has paid.

    None where she has earned less than the smallest payout.
    """
    if not PayoutProfile.objects.filter(worker=cast.wanda).exists():
        payout_profile.save(actor=cast.wanda.user, fields=PROFILE)
    try:
        asked = request.request(actor=cast.wanda.user, currency="USD")
    except BelowMinimum:
        return None
    batch = batches.build(actor=cast.staff, provider="csv", currency="USD", payout_ids=[asked.pk])
    batches.approve(actor=cast.other_staff, batch_id=batch.pk)
    sending.send(actor=cast.staff, batch_id=batch.pk)
    return outcome.confirm(actor=cast.staff, payout_id=asked.pk, reference=f"SIM-{batch.pk}")
