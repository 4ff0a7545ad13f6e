"""What the demo came to, read from the stored rows: how right, who was found, what was paid, and whether it adds up."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from crowd.assignments.models import Answer, Assignment, Participation
from crowd.assignments.queries import OPENED
from crowd.assignments.states import AssignmentState, ParticipationState
from crowd.consensus.models import Consensus, Proposal
from crowd.consensus.states import ProposalState
from crowd.kernel import money
from crowd.ledger import queries as ledger
from crowd.ledger.models import Transfer
from crowd.ledger.states import Holder, Kind, Purpose
from crowd.operations.demo.cast import Cast
from crowd.operations.demo.crowd import QUESTION
from crowd.operations.demo.showcase import stage
from crowd.operations.demo.showcase.stage import Likeness
from crowd.operations.demo.story import Story
from crowd.operations.verify import Finding, verify
from crowd.projects.models import Item, Project, Task
from crowd.quality import MajorityVote, Votes

WIDTH = 18
Row = tuple[str, str]


@dataclass(frozen=True)
class Found:
    """One kind of simulated worker: how many of them worked, and how many were paused on the main project."""

    kind: str
    bad: bool
    worked: int
    paused: int


@dataclass(frozen=True, kw_only=True)
class Report:
    """Accuracies are over the complete ordinary tasks of the main project, by scikit-learn's labels.

    `majority_accuracy` is the plain majority of everything that was answered there, also by workers paused later; a
    tie earns 1 / number of tied labels. `shows` is the number of projects of other kinds of data, whose items were made
    by this program, and `alike` how near their answers are to what it made. Money is of this run's projects, in micros.
    """

    items: int
    workers: int
    answers: int
    gold_answers: int
    cannot_answer: int
    returned_tasks: int
    expired_tasks: int
    complete_tasks: int
    waiting_tasks: int
    consensus_accuracy: float
    majority_accuracy: float
    found: Sequence[Found]
    shows: int
    shows_answers: int
    alike: Likeness
    accepted: int
    undecided: int
    rejected: int
    proposals: int
    currency: str
    paid_micros: int
    fees_micros: int
    returned_micros: int
    reserved_micros: int
    paid_out_micros: int
    findings: Sequence[Finding]
    days: int
    seconds: float

    @property
    def holds(self) -> bool:
        return all(finding.holds for finding in self.findings)

    @property
    def ledger_balanced(self) -> bool:
        return all(finding.holds for finding in self.findings if finding.app == "ledger")


def report(story: Story, seconds: float) -> Report:
    assignments = Assignment.objects.filter(OPENED, project__in=story.projects)
    given = assignments.filter(submitted_at__isnull=False)
    states = Counter(assignments.values_list("state", flat=True))
    return Report(
        items=len(story.digits),
        workers=len(set(given.values_list("worker", flat=True))),
        answers=given.count(),
        gold_answers=given.filter(is_gold=True).count(),
        cannot_answer=Answer.objects.filter(project__in=story.projects).exclude(cannot_answer="").count(),
        returned_tasks=states[AssignmentState.RETURNED],
        expired_tasks=states[AssignmentState.EXPIRED],
        complete_tasks=_complete(story.main).count(),
        waiting_tasks=Task.objects.filter(project=story.main, open=True).count(),
        consensus_accuracy=_consensus_accuracy(story),
        majority_accuracy=_majority_accuracy(story),
        found=_found(story.cast, story.main),
        shows=len(story.staged),
        shows_answers=given.filter(project__in=[one.project for one in story.staged]).count(),
        alike=stage.alike(story.staged),
        accepted=states[AssignmentState.ACCEPTED],
        undecided=states[AssignmentState.SUBMITTED],
        rejected=states[AssignmentState.REJECTED],
        proposals=Proposal.objects.filter(project__in=story.projects, state=ProposalState.OPEN).count(),
        currency=story.main.currency,
        paid_micros=_moved(story, Kind.REWARD),
        fees_micros=_moved(story, Kind.FEE),
        returned_micros=_moved(story, Kind.RELEASE),
        reserved_micros=sum(_escrow(project) for project in story.projects),
        paid_out_micros=story.payout.amount_micros if story.payout else 0,
        findings=verify(),
        days=round((story.ended - story.began).total_seconds() / (24 * 3600)),
        seconds=seconds,
    )


def lines(found: Report) -> list[str]:
    """For people. Says plainly what is real here and what is not."""
    head = _(
        "The items are real: %(items)s handwritten digits that ship with scikit-learn. The crowd is simulated: "
        "%(workers)d workers\nof different skill, who took and submitted through the same services as everybody."
    ) % {"items": f"{found.items:,}", "workers": found.workers}
    rows = [
        *_work_rows(found),
        *_quality_rows(found),
        *_show_rows(found),
        *_money_rows(found),
        *_check_rows(found),
    ]
    return [head, "", *(f"{name:<{WIDTH}}{text}" for name, text in rows)]


def _work_rows(found: Report) -> Iterable[Row]:
    yield (
        _("Answers"),
        _("%(answers)s, of these %(gold)s to gold tasks and %(reports)d reports that a picture cannot be read")
        % {"answers": f"{found.answers:,}", "gold": f"{found.gold_answers:,}", "reports": found.cannot_answer},
    )
    yield (
        _("Given back"),
        _("%(returned)d tasks returned, %(expired)d run out of time")
        % {"returned": found.returned_tasks, "expired": found.expired_tasks},
    )
    yield (
        _("Tasks"),
        _("%(complete)s digits complete, %(waiting)s wait for whoever signs in")
        % {"complete": f"{found.complete_tasks:,}", "waiting": f"{found.waiting_tasks:,}"},
    )


def _quality_rows(found: Report) -> Iterable[Row]:
    yield (
        _("Right"),
        _("consensus %(consensus).2f %%, majority vote %(majority).2f %% of the complete tasks (gold left out)")
        % {"consensus": 100 * found.consensus_accuracy, "majority": 100 * found.majority_accuracy},
    )
    bad = [kind for kind in found.found if kind.bad]
    good = [kind for kind in found.found if not kind.bad]
    yield (
        _("Found bad"),
        _("%(paused)d of %(worked)d bad workers were paused: %(kinds)s")
        % {
            "paused": sum(kind.paused for kind in bad),
            "worked": sum(kind.worked for kind in bad),
            "kinds": ", ".join(f"{kind.kind} {kind.paused}/{kind.worked}" for kind in bad),
        },
    )
    yield (
        _("Paused wrongly"),
        _("%(paused)d of %(worked)d good ones (%(kinds)s)")
        % {
            "paused": sum(kind.paused for kind in good),
            "worked": sum(kind.worked for kind in good),
            "kinds": ", ".join(f"{kind.kind} {kind.paused}/{kind.worked}" for kind in good),
        },
    )


def _show_rows(found: Report) -> Iterable[Row]:
    if not found.shows:  # of a second run: they are there already
        return
    yield (
        _("Other kinds"),
        _("%(shows)d projects of things that this program made, so that it knows the truth: %(answers)d answers")
        % {"shows": found.shows, "answers": found.shows_answers},
    )
    yield (
        _("Like the truth"),
        _("one by one %(alone).2f, together %(together).2f (1: no difference; known answers left out)")
        % {"alone": found.alike.alone, "together": found.alike.together},
    )


def _money_rows(found: Report) -> Iterable[Row]:
    def text(micros: int) -> str:
        return money.text(micros, found.currency)

    yield (
        _("Decided"),
        _("%(accepted)s answers accepted, %(rejected)d rejected, %(undecided)d not yet decided")
        % {"accepted": f"{found.accepted:,}", "rejected": found.rejected, "undecided": found.undecided}
        + _(" (%(proposals)d proposed for rejection wait for the requester)") % {"proposals": found.proposals},
    )
    yield (
        _("Money"),
        _("paid to workers %(paid)s, fees %(fees)s, returned to the requester %(returned)s")
        % {"paid": text(found.paid_micros), "fees": text(found.fees_micros), "returned": text(found.returned_micros)},
    )
    yield (
        "",
        _("still reserved %(reserved)s; paid out by the bank %(out)s")
        % {"reserved": text(found.reserved_micros), "out": text(found.paid_out_micros)},
    )


def _check_rows(found: Report) -> Iterable[Row]:
    broken = [finding.sentence for finding in found.findings if not finding.holds]
    yield _("Books"), _("ledger balanced") if found.ledger_balanced else _("LEDGER NOT BALANCED")
    yield (
        _("Verify"),
        _("clean: %(count)d statements hold") % {"count": len(found.findings)}
        if not broken
        else _("BROKEN: %(sentences)s") % {"sentences": " ".join(broken)},
    )
    yield (
        _("Time"),
        _("%(seconds).0f seconds, in which %(days)d days passed on this site (its clock runs ahead by so much)")
        % {"seconds": found.seconds, "days": found.days},
    )


def _complete(project: Project) -> QuerySet[Task]:
    """Ordinary tasks that have all their answers, other than reports; those taken out for review are not."""
    labeled = F("answered") - F("cannot_answer_count")
    enough = Q(answered__gte=F("needed")) & Q(needed__gt=0)
    return Task.objects.filter(enough, project=project, is_gold=False).annotate(labeled=labeled).filter(labeled__gt=0)


def _truth(story: Story) -> dict[int, str]:
    """The right label of each complete ordinary task of the main project."""
    labels = {digit.key: digit.label for digit in story.digits}
    keys = Item.objects.filter(tasks__in=_complete(story.main)).values_list("tasks__id", "key")
    return {task: labels[str(key)] for task, key in keys}


def _consensus_accuracy(story: Story) -> float:
    truth = _truth(story)
    rows = Consensus.objects.filter(project=story.main, question=QUESTION, task__in=truth)
    right = sum(row.value == truth[row.task_id] for row in rows)
    return float(right / max(len(truth), 1))


def _majority_accuracy(story: Story) -> float:
    truth = _truth(story)
    answers = Answer.objects.filter(project=story.main, task__in=truth, cannot_answer="")
    rows = list(answers.order_by("id").values_list("task", "worker", f"value__units__0__{QUESTION}"))
    if not rows:
        return 0.0
    tasks, workers, labels = zip(*rows, strict=True)
    return float(MajorityVote().fit(Votes.from_labels(tasks, workers, labels)).score(truth))


def _found(cast: Cast, project: Project) -> list[Found]:
    states = dict(Participation.objects.filter(project=project).values_list("worker", "state"))
    worked, paused, bad = Counter[str](), Counter[str](), {}
    for person, worker in cast.crowd:
        if worker.pk in states:
            bad[person.kind.name] = person.kind.bad
            worked[person.kind.name] += 1
            paused[person.kind.name] += states[worker.pk] == ParticipationState.PAUSED
    return [Found(kind, bad[kind], worked[kind], paused[kind]) for kind in worked]


def _moved(story: Story, kind: Kind) -> int:
    refs = [project.pk for project in story.projects]
    moved = Transfer.objects.filter(project_ref__in=refs, kind=kind)
    return int(moved.aggregate(sum=Sum("amount_micros", default=0))["sum"])


def _escrow(project: Project) -> int:
    held = ledger.of_holder(holder=Holder.PROJECT, holder_id=project.pk)
    return held.get((Purpose.ESCROW, project.currency), 0)
