"""What asking only as often as needed saves: the marketplace's own services against fixed redundancy.

The same recorded answers arrive in several seeded orders. In each, the services ask as needed; for comparison the first
k answers of each task, k = 1, 2, ..., are merged by the same method, and so are those that the usual rule of a
majority's share would have bought. No gold is used, except to count in the end what came out right.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

from crowd.operations.replay.folder import Recorded
from crowd.operations.replay.report import Report, report
from crowd.operations.replay.run import Progress, Settings, replay
from crowd.quality import Votes
from crowd.quality.auto import Method
from crowd.quality.command import METHODS
from crowd.quality.cost import Point, ShareRule, answers_for, as_needed, first_answers, mean_point, rightness_at

SHARES = (0.51, 0.6, 0.7, 0.8, 0.9, 0.99)


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Means over the orders; answers are a task's. `fixed` and `by_share` are curves over k and over the share."""

    name: str
    orders: int
    adaptive: Point
    fixed: Sequence[Point]
    by_share: Sequence[Point]
    reports: Sequence[Report]

    @property
    def fixed_answers(self) -> float:
        """What fixed redundancy needs to be as right."""
        return answers_for(self.fixed, self.adaptive.rightness)

    @property
    def saved(self) -> float:
        return 1 - self.adaptive.answers / self.fixed_answers

    @property
    def above_fixed(self) -> float:
        """How much more is right than with fixed redundancy at as many answers."""
        return self.adaptive.rightness - rightness_at(self.fixed, self.adaptive.answers)

    @property
    def above_share(self) -> float:
        """How much more is right than by a majority's share at as many answers."""
        return self.adaptive.rightness - rightness_at(self.by_share, self.adaptive.answers)


def measure(recorded: Recorded, settings: Settings, orders: int, progress: Callable[[str], Progress]) -> Cost:
    """Replay in `orders` arrival orders, seeded from `settings.seed` on."""
    method = METHODS[settings.method]()
    reports, asked, fixed, shares = [], [], [], []
    for place in range(orders):
        seeded = replace(settings, seed=settings.seed + place, adaptive=True)
        arrived = shuffled(recorded, seeded.seed)
        found = report(replay(arrived, seeded, progress(f"{recorded.name}, order {place + 1}")), 0.0)
        reports.append(found)
        asked.append(Point(found.answers / found.tasks, found.consensus_accuracy or 0.0))
        votes = Votes.from_labels(*zip(*arrived.answers, strict=True), duplicates="first")
        fixed.append(_fixed(votes, arrived.gold, method))
        shares.append(_by_share(votes, arrived.gold, method))
    return Cost(
        name=recorded.name,
        orders=orders,
        adaptive=mean_point(asked),
        fixed=[mean_point(points) for points in zip(*fixed, strict=True)],
        by_share=[mean_point(points) for points in zip(*shares, strict=True)],
        reports=reports,
    )


def shuffled(recorded: Recorded, seed: int) -> Recorded:
    """The same answers in a seeded order of arrival."""
    answers = list(recorded.answers)
    Random(seed).shuffle(answers)  # noqa: S311 (repeatable is what is wanted)
    return replace(recorded, answers=answers)


def _fixed(votes: Votes, gold: dict[str, str], method: Method) -> list[Point]:
    most = int(votes.answers.max())
    parts = [first_answers(votes, k) for k in range(1, most + 1)]
    return [Point(len(part) / len(votes.tasks), method.fit(part).score(gold)) for part in parts]


def _by_share(votes: Votes, gold: dict[str, str], method: Method) -> list[Point]:
    found = [as_needed(votes, method, ShareRule(share)) for share in SHARES]
    return [Point(float(wanted.mean()), fit.score(gold)) for fit, wanted in found]


def table(costs: Sequence[Cost]) -> str:
    """Markdown: one line a set, and the mean saving."""
    header = "| set | as needed: answers a task | right | fixed for the same | saved | above fixed at equal answers | "
    header += "above majority's share at equal answers |"
    lines = [header, "|" + "---|" * 7]
    lines += [
        f"| {c.name} | {c.adaptive.answers:.2f} | {c.adaptive.rightness:.4f} | {c.fixed_answers:.2f} | {c.saved:.1%} "
        f"| {c.above_fixed * 100:+.2f} points | {c.above_share * 100:+.2f} points |"
        for c in costs
    ]
    mean = sum(c.saved for c in costs) / len(costs)
    return "\n".join([*lines, f"| **mean** | | | | **{mean:.1%}** | | |"])
