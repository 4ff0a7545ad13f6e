"""`aggregate`, with and without Django."""

import csv
import io
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = "task,worker,label\n" + "".join(
    f"{t},{w},{'cat' if (t % 2 == 0) != (w == 'liar') else 'dog'}\n" for t in range(12) for w in ("ann", "bob", "liar")
)


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "answers.csv"
    path.write_text(ANSWERS, encoding="utf-8")
    return path


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "crowd.quality", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_django_labels_go_to_standard_output(answers: Path, tmp_path: Path) -> None:
    workers = tmp_path / "workers.csv"
    done = run(answers, "--workers", workers)
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["label"] for row in rows] == ["cat", "dog"] * 6
    assert {row["answers"] for row in rows} == {"3"}
    assert float(rows[0]["confidence"]) > 0.9
    accuracy = {row["worker"]: float(row["accuracy"]) for row in csv.DictReader(workers.open(encoding="utf-8"))}
    assert accuracy["liar"] < 0.5 < accuracy["ann"]
    assert "36 answers to 12 tasks by 3 workers" in done.stderr


def test_the_django_command_writes_the_same(answers: Path, tmp_path: Path) -> None:
    plain, ours = tmp_path / "plain.csv", io.StringIO()
    run(answers, "--output", plain)
    call_command("aggregate", str(answers), stdout=ours, stderr=io.StringIO())
    assert ours.getvalue() == plain.read_text(encoding="utf-8")


def test_gold_is_kept(answers: Path, tmp_path: Path) -> None:
    gold = tmp_path / "gold.csv"
    gold.write_text("task,label\n0,dog\n", encoding="utf-8")
    done = run(answers, "--gold", gold, "--method", "majority")
    assert done.stdout.splitlines()[1] == "0,dog,1.000000,3"


@pytest.mark.parametrize("method", ["auto", "one-coin", "mace", "ebcc", "glad", "wawa", "ordinal", "gold-weighted"])
def test_every_method_can_be_named(answers: Path, method: str) -> None:
    out = io.StringIO()
    call_command("aggregate", str(answers), "--method", method, stdout=out, stderr=io.StringIO())
    assert len(out.getvalue().splitlines()) == 13


def test_a_bad_row_is_named_and_nothing_is_written(answers: Path, tmp_path: Path) -> None:
    answers.write_text(ANSWERS + "7,ann\n", encoding="utf-8")
    output = tmp_path / "labels.csv"
    done = run(answers, "--output", output)
    assert done.returncode == 1
    assert "line 38: 2 columns" in done.stderr
    assert "Traceback" not in done.stderr
    assert not output.exists()
    with pytest.raises(CommandError, match="line 38"):
        call_command("aggregate", str(answers), stderr=io.StringIO())


def test_a_place_that_cannot_be_written_is_named_before_anything_is_written(answers: Path, tmp_path: Path) -> None:
    output = tmp_path / "labels.csv"
    for workers in (tmp_path / "nowhere" / "workers.csv", tmp_path):
        done = run(answers, "--output", output, "--workers", workers)
        assert done.returncode == 1
        assert f"aggregate: {workers}" in done.stderr
        assert not output.exists()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    done = run(tmp_path / "nowhere.csv")
    assert done.returncode == 1
    assert "nowhere.csv" in done.stderr


def test_the_library_loads_neither_django_nor_numba() -> None:
    code = (
        "import sys, crowd.quality as q; q.DawidSkene, q.Auto, q.Rover; "
        "print([m for m in ('django', 'numba', 'pandas', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
