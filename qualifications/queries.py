"""What is read about qualifications."""

from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from crowd.kernel.errors import NotFound
from crowd.users.models import Organisation, User
from qualifications import skills
from qualifications.errors import NotNow
from qualifications.models import Attempt, BroughtRecord, Grant, GrantRequest, Qualification, SkillAccuracy, Test
from qualifications.services import attempts, test_pay
from qualifications.states import MEASURED, AttemptState, GrantState, RequestState
from workers.models import Worker

FEW = 5


def listed() -> QuerySet[Qualification]:
    """What workers may browse: active, public, not measured; `has_test`: they can earn it themselves."""
    public = Qualification.objects.filter(public=True, active=True).exclude(system__in=MEASURED)
    public = public.select_related("organisation")
    return public.annotate(has_test=Exists(Test.objects.filter(qualification=OuterRef("pk")))).order_by("name", "pk")


def usable(organisation: Organisation) -> QuerySet[Qualification]:
    """What a project of the organisation may ask for: the site's, system ones included, and its own."""
    ours = Q(organisation=None) | Q(organisation=organisation)
    return Qualification.objects.filter(ours, active=True).order_by("organisation_id", "name")


def held_by(worker: Worker, *, now: datetime) -> QuerySet[Grant]:
    """What the worker holds now."""
    current = Q(expires_at=None) | Q(expires_at__gt=now)
    return (
        Grant.objects.filter(current, worker=worker, state=GrantState.GRANTED)
        .select_related("qualification__organisation")
        .order_by("qualification__name")
    )


def holders(qualification: Qualification) -> QuerySet[Grant]:
    """All grants, revoked ones too. Requesters see the workers by pseudonym only (`pseudonyms_for`)."""
    return Grant.objects.filter(qualification=qualification).order_by("-pk")


def requests_for(qualification: Qualification) -> QuerySet[GrantRequest]:
    """What workers asked for, the newest first; without the documents."""
    return GrantRequest.objects.filter(qualification=qualification).defer("document").order_by("-pk")


def requests_of(worker: Worker) -> QuerySet[GrantRequest]:
    mine = GrantRequest.objects.filter(worker=worker).defer("document")
    return mine.select_related("qualification").order_by("-pk")


def waiting_for_staff() -> QuerySet[GrantRequest]:
    """For staff, the oldest first: every open request about a qualification of the site."""
    waiting = GrantRequest.objects.filter(state=RequestState.OPEN, qualification__organisation=None)
    return waiting.defer("document").select_related("qualification").order_by("pk")


def typical_seconds(test: Test) -> int | None:
    """What the newest tries took, as their median; None of so few that it would say nothing."""
    done = Attempt.objects.filter(test=test, state=AttemptState.SUBMITTED).order_by("-pk")
    times = [(one.submitted_at - one.started_at).total_seconds() for one in done[:200] if one.submitted_at]
    return int(median(times)) if len(times) >= FEW else None


@dataclass(frozen=True)
class TestFacts:
    """A test as a worker reads about it before he begins; `closed` says why he cannot now, or is ""."""

    items: int
    drawn: bool
    training: bool
    time_limit_s: int
    typical_s: int | None
    pass_mark: int
    retry_delay_s: int | None
    valid_days: int | None
    closed: str
    retry_at: datetime | None
    pay: test_pay.Offer | None  # None: it is not paid at all

    @property
    def pays_micros(self) -> int | None:
        """Of this worker's next try; None where no try is paid."""
        return self.pay.micros if self.pay else None

    @property
    def currency(self) -> str:
        return self.pay.currency if self.pay else ""

    @property
    def unpaid(self) -> str:
        """Why this worker's try pays nothing, where others' do."""
        return self.pay.why if self.pay else ""


def test_for(worker: Worker, qualification: Qualification, *, now: datetime) -> TestFacts:
    """Raises NotFound where there is none."""
    test = attempts.current_test(qualification)
    if test is None:
        raise NotFound(_("There is no test for this qualification."))
    closed, retry_at = "", None
    try:
        attempts.check_may_start(test, worker, now)
    except NotNow as reason:
        closed, retry_at = str(reason.message), reason.data.get("retry_at")
    return TestFacts(
        items=sum(test.draw.values()) or len(test.items),
        drawn=bool(test.draw),
        training=test.training,
        time_limit_s=test.time_limit_s,
        typical_s=typical_seconds(test),
        pass_mark=test.pass_mark,
        retry_delay_s=test.retry_delay_s,
        valid_days=qualification.valid_days,
        closed=closed,
        retry_at=retry_at,
        pay=test_pay.offered(qualification, worker),
    )


@dataclass(frozen=True)
class Skill:
    """A measured skill of a worker: its value now (None: too few known answers), and what it rests on, faded."""

    skill: SkillAccuracy
    value: int | None
    right: float
    wrong: float


def skills_of(worker: Worker, *, now: datetime) -> list[Skill]:
    found = SkillAccuracy.objects.filter(worker=worker).select_related("qualification").order_by("qualification__name")
    return [_skill(one, skills.weight(now - one.as_of), now) for one in found]


def _skill(one: SkillAccuracy, left: float, now: datetime) -> Skill:
    right, wrong = (one.right + one.brought_right) * left, (one.wrong + one.brought_wrong) * left
    return Skill(one, skills.value(one, now), right, wrong)


def attempts_of(worker: Worker) -> QuerySet[Attempt]:
    return Attempt.objects.filter(worker=worker).select_related("qualification").order_by("-pk")


def my_data(user: User) -> dict[str, Any]:
    """Everything this app keeps about the person, as plain data for his export; empty when he is no worker."""
    worker = Worker.objects.filter(user=user).first()
    if worker is None:
        return {}
    return {
        "qualifications": list(
            Grant.objects.filter(worker=worker)
            .order_by("pk")
            .values("qualification__name", "state", "value", "reason", "granted_at", "expires_at")
        ),
        "requests": list(
            GrantRequest.objects.filter(worker=worker)
            .order_by("pk")
            .values("qualification__name", "state", "message", "reason", "asked_at", "decided_at")
        ),
        "skills": list(
            SkillAccuracy.objects.filter(worker=worker)
            .order_by("pk")
            .values("qualification__name", "right", "wrong", "as_of")
        ),
        "brought_records": list(
            BroughtRecord.objects.filter(worker=worker).order_by("pk").values("site", "content", "brought_at")
        ),
        "tests": list(
            Attempt.objects.filter(worker=worker)
            .exclude(state=AttemptState.ACTIVE)
            .order_by("pk")
            .values(
                "qualification__name",
                "state",
                "started_at",
                "submitted_at",
                "answers",
                "score",
                "passed",
                "reward_micros",
                "currency",
            )
        ),
    }
