"""What every judge of answers keeps to, whatever its kind: crowd.quality.kinds, on the examples of tests/labeling."""

import copy
import json
import tracemalloc
from collections.abc import Sequence
from datetime import date
from random import Random
from typing import Any

import pytest

from crowd.labeling.config import parse
from crowd.quality.kinds import JUDGES, Judge, judge_of
from tests.labeling.examples import EXAMPLES, Example, ids

examples = pytest.mark.parametrize("example", EXAMPLES, ids=ids)
WORKERS = ["ann", "bob", "cem", "dia", "eve"]


def judge(example: Example) -> Judge:
    question = parse(example.config).question("q")
    return judge_of(question.kind, question.settings)


def merged(example: Example, tasks: Sequence[Any], workers: Sequence[Any], values: Sequence[Any]) -> dict[Any, Any]:
    return {task: one.value for task, one in judge(example).merge(tasks, workers, values).tasks.items()}


def test_every_judge_has_an_example() -> None:
    assert {example.kind for example in EXAMPLES} == set(JUDGES)


@examples
def test_scores_are_shares_and_a_key_meets_itself(example: Example) -> None:
    for value in (*example.answers, example.bad, example.key):
        assert 0 <= judge(example).score(value, example.key) <= 1
        assert judge(example).score(value, value) == pytest.approx(1)
    careful = judge(example).score(example.answers[0], example.key)
    assert judge(example).score(example.bad, example.key) < careful <= 1


@examples
def test_nobody_and_one_and_all_of_one_mind(example: Example) -> None:
    assert merged(example, [], [], []) == {}
    alone = merged(example, ["t"], ["ann"], [example.key])["t"]
    assert judge(example).score(alone, example.key) > 0.9
    same = merged(example, ["t"] * 5, WORKERS, [example.key] * 5)["t"]
    assert judge(example).score(same, example.key) > 0.9


@examples
def test_the_order_of_answers_and_the_names_of_tasks_change_nothing(example: Example) -> None:
    rows = [(task, worker, value) for task in (1, 2) for worker, value in zip(WORKERS, example.answers, strict=True)]
    before = copy.deepcopy(rows)
    first = merged(example, *map(list, zip(*rows, strict=True)))
    assert rows == before  # inputs are never changed
    Random(3).shuffle(rows)
    again = merged(example, *map(list, zip(*rows, strict=True)))
    for task in (1, 2):
        assert judge(example).score(again[task], first[task]) == pytest.approx(1, abs=0.02)
    assert judge(example).score(first[1], first[2]) == pytest.approx(1, abs=0.02)


@examples
def test_what_is_merged_can_be_stored_and_accuracies_are_shares(example: Example) -> None:
    found = judge(example).merge(["t"] * 5, WORKERS, example.answers)
    one = found.tasks["t"]
    json.dumps([one.value, one.details], allow_nan=False)
    assert one.posterior is None or 0 <= one.posterior <= 1
    assert set(found.accuracy) <= set(WORKERS)
    assert all(share is None or 0 <= share <= 1 for share in found.accuracy.values())


def test_a_field_of_very_many_values_needs_no_confusion_of_each_with_each() -> None:
    """What most said of each task is found, in memory that follows the answers."""
    record = judge_of("record", {"fields": [{"name": "when", "type": "date"}]})
    days = [date.fromordinal(700_000 + day).isoformat() for day in range(600)]
    rows = [(day, who, {"when": days[day - (day % 5 == who)]}) for day in range(600) for who in range(5)]
    tracemalloc.start()
    found = record.merge(*map(list, zip(*rows, strict=True)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [found.tasks[day].value["when"] for day in range(600)] == days
    assert peak < 8_000_000  # a table of 600 x 600 for each of five is 14 MB
