"""What goes in: names to codes, files, and complaints that say where."""

from pathlib import Path

import numpy as np
import pytest

from crowd.quality import DawidSkene, MajorityVote, Votes
from crowd.quality.reading import read_gold


def test_names_become_codes_in_order_of_appearance_and_labels_in_label_order() -> None:
    votes = Votes.from_labels(["t2", "t1", "t2"], ["w", "v", "v"], ["10", "9", "b"])
    assert votes.tasks == ("t2", "t1")
    assert votes.workers == ("w", "v")
    assert votes.labels == ("9", "10", "b")
    assert votes.task.tolist() == [0, 1, 0]
    assert votes.label.tolist() == [1, 0, 2]


def test_numbers_from_arrays_and_lists_are_the_same() -> None:
    columns = [7, 3, 7], [1, 1, 2], [5, 4, 5]
    one = Votes.from_labels(*columns)
    other = Votes.from_labels(*(np.array(c) for c in columns))
    assert (
        (one.tasks, one.workers, one.labels) == (other.tasks, other.workers, other.labels) == ((7, 3), (1, 2), (4, 5))
    )
    assert type(other.tasks[0]) is int


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        (([1, 2], ["a"], ["x", "y"]), "unequal lengths: 2 tasks, 1 workers, 2 labels"),
        (([1, 2], ["a", "b"], ["x", ""]), "label at position 1 is empty"),
        (([1, 2], ["a", "b"], ["x", "  "]), "label at position 1 is empty"),
        (([1, None], ["a", "b"], ["x", "y"]), "task at position 1 is missing"),
        (([1, 2], ["a", "b"], [float("nan"), 1]), "label at position 0 is missing"),
        (([1, 2], ["a", 1.5], ["x", "y"]), "worker at position 1 is 1.5"),
        ((np.array([1.0, np.nan]), ["a", "b"], ["x", "y"]), "task at position 1 is missing"),
    ],
)
def test_bad_input_is_named_with_its_place(columns: tuple[list[object], ...], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Votes.from_labels(*columns)


def test_known_labels_fix_the_order_that_breaks_ties() -> None:
    votes = Votes.from_labels([1, 1], ["a", "b"], ["good", "bad"], known_labels=["good", "bad", "ugly"])
    assert MajorityVote().fit(votes).consensus == ("good",)
    with pytest.raises(ValueError, match="'awful' at position 1 is not among the known labels"):
        Votes.from_labels([1, 1], ["a", "b"], ["good", "awful"], known_labels=["good", "bad"])
    with pytest.raises(ValueError, match="listed twice"):
        Votes.from_labels([1], ["a"], ["x"], known_labels=["x", "x"])


def test_what_a_repeated_answer_is_can_be_chosen() -> None:
    columns = [1, 1, 1], ["a", "a", "b"], ["x", "y", "x"]
    assert len(Votes.from_labels(*columns)) == 3
    first = Votes.from_labels(*columns, duplicates="first")
    assert [first.labels[k] for k in first.label] == ["x", "x"]
    with pytest.raises(ValueError, match="worker 'a' answered task 1 a second time at position 1"):
        Votes.from_labels(*columns, duplicates="error")
    with pytest.raises(ValueError, match="wanted 'keep', 'first' or 'error'"):
        Votes.from_labels([1], ["a"], ["x"], duplicates="last")  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", ["no", None, float("nan"), 2])
def test_a_vote_either_votes_or_does_not(bad: object) -> None:
    assert Votes.from_labels([1, 1], ["a", "b"], ["x", "y"], voting=[1, 0]).answers.tolist() == [1]
    with pytest.raises(ValueError, match="voting at position 1 is "):
        Votes.from_labels([1, 1], ["a", "b"], ["x", "y"], voting=[True, bad])


@pytest.mark.parametrize("label", [float("nan"), None, "", " ", 2.5, ["x"]])
@pytest.mark.parametrize("task", [1, "nobody answered"])
def test_gold_that_is_no_label_is_refused(task: object, label: object) -> None:
    gold = {1: "x", task: label}
    with pytest.raises(ValueError, match=f"gold label of task {task!r} is "):
        DawidSkene().fit(Votes.from_labels([1, 1], ["a", "b"], ["x", "x"]), gold)


def test_codes_outside_the_names_are_refused() -> None:
    codes = np.array([0, 3], np.int32)
    with pytest.raises(ValueError, match="label code 3 at position 1"):
        Votes((1,), ("a",), ("x",), np.zeros(2, np.int32), np.zeros(2, np.int32), codes)
    with pytest.raises(ValueError, match="label code 4294967296 at position 0"):
        Votes((1,), ("a",), ("x",), np.zeros(1, np.int32), np.zeros(1, np.int32), np.array([2**32]))
    with pytest.raises(ValueError, match="task codes are float64"):
        Votes((1,), ("a",), ("x",), np.array([0.5]), np.zeros(1, np.int32), np.zeros(1, np.int32))


def test_a_file_is_read_as_the_same_votes(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text("\ufeffworker,label,task,comment\na,x,1,hm\nb,y,1,\n\na,x,2,\n", encoding="utf-8")
    heard: list[int] = []
    votes = Votes.read_csv(path, progress=heard.append)
    assert votes.tasks == ("1", "2")
    assert [(votes.workers[w], votes.labels[k]) for w, k in zip(votes.worker, votes.label, strict=True)] == [
        ("a", "x"),
        ("b", "y"),
        ("a", "x"),
    ]
    assert heard == [3]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b"", "line 1: no column 'task', 'worker', 'label'"),
        (b"task,worker\n1,a\n", "line 1: no column 'label'"),
        (b"task,worker,label\n1,a,x\n2,b\n", "line 3: 2 columns"),
        (b"task,worker,label\n1,a,x\n2,b, \n", "line 3: label is empty"),
        (b"task,worker,label\n1,a,x\n2,b,\xff\xfe\n", "not UTF-8"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, text: bytes, complaint: str) -> None:
    path = tmp_path / "answers.csv"
    path.write_bytes(text)
    with pytest.raises(ValueError, match=complaint):
        Votes.read_csv(path)


def test_contradicting_gold_is_named(tmp_path: Path) -> None:
    path = tmp_path / "gold.csv"
    path.write_text("task,label\n1,x\n1,y\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 3: task '1' has gold 'x' and 'y'"):
        read_gold(path)
