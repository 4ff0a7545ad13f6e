"""The benchmarks touch nobody's data, and do not run out of what they measure."""

from collections import Counter
from itertools import count
from typing import Any

import pytest

from bench import aggregation
from bench.marketplace import cases, floor, measure
from tests import make
from tests.make_project import make_draft


@pytest.mark.django_db
def test_a_database_that_is_not_its_own_is_neither_filled_nor_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    assert aggregation.refused(None) == ""
    owner = make.make_user()
    assert "not empty" in aggregation.refused(None)
    theirs = make_draft(actor=owner, organisation=make.make_organisation(owner=owner))
    assert "not made by this program" in aggregation.refused(theirs.pk)

    monkeypatch.setenv("DATABASE_URL", "postgresql://live/site")
    monkeypatch.setattr("sys.argv", ["bench.aggregation"])
    monkeypatch.setattr(aggregation, "_bench", lambda *given: pytest.fail("it would have been filled"))
    with pytest.raises(SystemExit):
        aggregation.main()


@pytest.mark.parametrize(("rounds", "seconds"), [(5, 20.0), (5, 5.0), (1, 1.0), (3, 600.0)])
def test_the_floor_has_tasks_for_all_its_runs(rounds: int, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    slots, taken = Counter[int](), Counter[int]()
    filler = cases.Filler.__new__(cases.Filler)  # without the site's own projects
    filler.numbers = count(1)
    workers = (1, 8, 32)

    def run(project: int, *, workers: int, seconds: int) -> float:
        taken[project] += seconds * cases.FLOOR_FAST
        return 1.0

    monkeypatch.setattr(floor, "fill", lambda number, tasks: slots.update({number: tasks * floor.REDUNDANCY}))
    monkeypatch.setattr(floor, "run", run)
    tables = filler._floor(cases.FLOOR_TASKS, rounds * len(workers), seconds)
    told: dict[str, Any] = {"title": "", "projects": [], "people": [], "seconds": seconds, "doors": ()}
    one = measure.Case(name="one", workers=workers, floor=tables, **told)
    other = measure.Case(name="other", workers=(8,), floor=[-1], **told)
    measure.rounds([one, other], rounds=rounds, port=0)

    assert sum(taken[number] for number in tables) == rounds * 3 * floor.seconds_beside(seconds) * cases.FLOOR_FAST
    assert all(taken[number] <= slots[number] for number in tables)
