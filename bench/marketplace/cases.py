"""The situations that are measured, filled as they say."""

from dataclasses import dataclass
from itertools import count
from math import ceil
from typing import Any

from bench.marketplace import floor
from bench.marketplace.fill import REDUNDANCY, World
from bench.marketplace.measure import COUNTED_BY, Case

NAMES = ("size", "many", "end", "veteran", "jobs", "snapshot")
FAST, FLOOR_FAST = 1_000, 6_000  # tasks a second that there must be slots for: of the site, of the floor
FLOOR_ALONE = 3_000  # of one worker of the floor
FLOOR_TASKS = 40_000  # the least that a project of the floor has
SMALL = 10_000
VETERAN_ANSWERS, SNAPSHOT_ANSWERS = 5_000, 12_000
LAST_TASKS = 200
WARM_TASKS = 400


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the command line says. `part`: cases other than sizes with that part of their tasks and answers."""

    sizes: tuple[int, ...]
    workers: tuple[int, ...]
    seconds: float
    rounds: int
    part: float = 1


class Filler:
    """Makes the cases; they share the people, and the floor's tables."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.world = World(max(options.workers) + 1)
        self.numbers = count(1)
        self.eight = (min(COUNTED_BY, max(options.workers)),)
        floor.make_tables()
        # So that tables have statistics when the clock begins: what is planned for an empty one scans it.
        self.world.answer(max(options.workers), self.world.project(WARM_TASKS), WARM_TASKS // 2)

    def sizes(self) -> list[Case]:
        return [self._worked_off(f"{n:,}", f"{n:,} tasks", n, self.options.workers, 2) for n in self.options.sizes]

    def many(self) -> Case:
        """Each worker goes on to another project after 20 answers."""
        projects = [self.world.project(1_000) for _project in range(self._part(200))]
        facts: dict[str, Any] = {"apart": True, "stay": 20, "doors": ("page",)}
        return self._case("many", f"{len(projects)} projects at once", 10_000, self.eight, projects, **facts)

    def end(self) -> Case:
        """A whole project in each round, worked off to its last answer; only the last ones are looked at."""
        last = self._part(LAST_TASKS)
        projects = [self.world.project(5 * last) for _round in range(self.options.rounds)]
        facts: dict[str, Any] = {"seconds": 600, "last": last * REDUNDANCY, "doors": ("page",)}
        return self._case("end", f"the last {last} tasks of a project", SMALL, self.eight, projects, **facts)

    def veteran(self) -> Case:
        answers = self._part(VETERAN_ANSWERS)
        project = self.world.project(3 * answers)
        self.world.answer(max(self.options.workers), project, answers)
        facts: dict[str, Any] = {"people": self.world.people[-1:], "doors": ("page",)}
        title = f"one worker with {answers:,} answers of his own"
        return self._case("veteran", title, 3 * answers, (1,), [project], **facts)

    def jobs(self) -> Case:
        return self._worked_off("jobs", "job worker and beat beside it", SMALL, self.eight, 1, doors=("page",))

    def snapshot(self) -> Case:
        title = f"a snapshot from {self.answers_after_snapshot:,} answers ago held open"
        more = ceil(self.answers_after_snapshot / (FAST * self.options.seconds))
        return self._worked_off("snapshot", title, SMALL, self.eight, 1, more, doors=("page",))

    @property
    def answers_after_snapshot(self) -> int:
        return self._part(SNAPSHOT_ANSWERS)

    def _part(self, whole: int) -> int:
        return max(2, round(whole * self.options.part))

    def _worked_off(
        self, name: str, title: str, tasks: int, workers: tuple[int, ...], doors_count: int, more: int = 0, **facts: Any
    ) -> Case:
        """With as many projects of so many tasks as its runs need, one after another."""
        runs = (self.options.rounds + 1) * len(workers) * doors_count + more
        needed = ceil(runs * FAST * self.options.seconds / (tasks * REDUNDANCY))
        projects = [self.world.project(tasks) for _project in range(needed)]
        return self._case(name, title, tasks, workers, projects, **facts)

    def _case(
        self, name: str, title: str, tasks: int, workers: tuple[int, ...], projects: list[int], **facts: Any
    ) -> Case:
        given: dict[str, Any] = {"people": self.world.people, "seconds": self.options.seconds} | facts
        tables = self._floor(max(tasks, FLOOR_TASKS), self.options.rounds * len(workers), given["seconds"])
        return Case(name=name, title=title, workers=workers, projects=projects, floor=tables, **given)

    def _floor(self, tasks: int, runs: int, seconds: float) -> list[int]:
        """As many of the floor's projects as so many runs, which take them in turn, need at most."""
        seconds = floor.seconds_beside(seconds)
        all_can, one_can = tasks * floor.REDUNDANCY // (FLOOR_FAST * seconds), tasks // (FLOOR_ALONE * seconds)
        each = max(1, min(all_can, one_can))  # runs; nobody does a task twice
        numbers = [next(self.numbers) for _project in range(ceil(runs / each))]
        for number in numbers:
            floor.fill(number, tasks)
        return numbers
