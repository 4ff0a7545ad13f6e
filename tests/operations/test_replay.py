"""`manage.py replay`: recorded answers go through the marketplace's own services, and the figures are exact."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from crowd.assignments.models import Participation
from crowd.assignments.states import ParticipationState
from crowd.ledger.models import Transfer
from crowd.projects.models import Project
from crowd.projects.states import ProjectState
from crowd.users.models import User
from tests.check import all_is_well

pytestmark = pytest.mark.django_db(transaction=True)
REWARD, FEE = 50_000, 10_000
TRUTH = {f"t{number:02}": "yes" if number % 2 else "no" for number in range(1, 13)}
CAREFUL = ("anna", "ben", "cora", "dora")
SPAMMER = "eve"  # says yes to everything


def recorded() -> list[tuple[str, str, str]]:
    """Twelve tasks by five workers, and a thirteenth that anna and eve disagree about."""
    answers = [(task, worker, label) for task, label in TRUTH.items() for worker in CAREFUL]
    answers += [(task, SPAMMER, "yes") for task in TRUTH]
    return [*answers, ("t13", "anna", "no"), ("t13", SPAMMER, "yes")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The recorded answers, one of them twice; the truth of all but the thirteenth task."""
    place = tmp_path / "small"
    place.mkdir()
    write(place, [*recorded(), ("t01", "anna", "no")], TRUTH)
    return place


def write(folder: Path, answers: list[tuple[str, str, str]], gold: dict[str, str]) -> None:
    lines = ["task,worker,label", *map(",".join, answers)]
    (folder / "answers.csv").write_text("\n".join(lines) + "\n")
    (folder / "gold.csv").write_text("task,label\n" + "".join(f"{task},{label}\n" for task, label in gold.items()))


def replay(folder: Path, *options: str) -> dict[str, Any]:
    out = StringIO()
    call_command("replay", str(folder), "--json", *options, stdout=out)
    figures: dict[str, Any] = json.loads(out.getvalue())
    return figures


def test_every_figure_is_exact(folder: Path) -> None:
    figures = replay(folder, "--gold-share", "0.25", "--seed", "7")

    assert figures.pop("seconds") > 0
    assert figures == {
        "tasks": 13,
        "workers": 5,
        "answers": 62,
        "accepted": 62,
        "refused_duplicates": 1,
        "refused_paused": 0,
        "gold_answers": 3 * 5,
        "evaluated_tasks": 9,
        "consensus_accuracy": 1.0,
        "majority_accuracy": 1.0,
        "paid_micros": 62 * REWARD,
        "fees_micros": 62 * FEE,
        "returned_micros": 0,
        "ledger_balanced": True,
        "seed": 7,
    }
    assert Project.objects.get().state == ProjectState.CLOSED
    all_is_well()


def test_a_tie_earns_its_share_and_the_model_breaks_it(folder: Path) -> None:
    """Whom to believe about the thirteenth task is known from the twelve others."""
    write(folder, recorded(), TRUTH | {"t13": "no"})
    figures = replay(folder, "--gold-share", "0")
    assert figures["evaluated_tasks"] == 13
    assert figures["gold_answers"] == 0
    assert figures["majority_accuracy"] == pytest.approx(12.5 / 13, abs=1e-6)
    assert figures["consensus_accuracy"] == 1.0


def test_the_same_seed_gives_the_same_figures(folder: Path) -> None:
    first, second = replay(folder, "--seed", "3"), replay(folder, "--seed", "3")
    del first["seconds"], second["seconds"]
    assert first == second


def test_a_worker_is_paused_only_where_it_is_asked_for(folder: Path) -> None:
    """Half of eve's forty answers are wrong; from then on her recorded answers are refused."""
    truth = {f"t{number:02}": "yes" if number % 2 else "no" for number in range(1, 41)}
    answers = [(task, worker, label) for task, label in truth.items() for worker in CAREFUL]
    write(folder, [*answers, *((task, SPAMMER, "yes") for task in truth)], truth)

    lenient = replay(folder, "--gold-share", "0.9")
    strict = replay(folder, "--gold-share", "0.9", "--min-accuracy", "0.7")

    assert lenient["refused_paused"] == 0
    assert strict["refused_paused"] > 0
    assert strict["answers"] + strict["refused_paused"] == lenient["answers"] == 200
    assert strict["paid_micros"] == strict["accepted"] * REWARD
    assert strict["returned_micros"] > 0
    assert Participation.objects.filter(state=ParticipationState.PAUSED).count() == 1
    all_is_well()


def test_for_people_it_is_a_table_and_no_real_money_moves_and_nobody_can_sign_in(folder: Path) -> None:
    out = StringIO()
    call_command("replay", str(folder), stdout=out)
    rows = dict(
        line.split(maxsplit=1) for line in out.getvalue().splitlines() if not line.startswith(("refused", "gold"))
    )
    assert rows["accepted"] == "62"
    assert "ledger balanced" in out.getvalue()
    assert set(Transfer.objects.values_list("currency", flat=True)) == {"XTS"}
    assert not any(user.has_usable_password() for user in User.objects.all())


def without_answers(folder: Path) -> None:
    (folder / "answers.csv").unlink()


def without_gold(folder: Path) -> None:
    write(folder, recorded(), {})


def with_other_tasks_gold(folder: Path) -> None:
    write(folder, recorded(), {"elsewhere": "yes"})


def without_a_column(folder: Path) -> None:
    (folder / "answers.csv").write_text("task,label\nt01,yes\n")


def with_an_empty_value(folder: Path) -> None:
    (folder / "answers.csv").write_text("task,worker,label\nt01,anna,yes\nt02,,no\n")


def with_another_encoding(folder: Path) -> None:
    (folder / "gold.csv").write_bytes("task,label\nt01,très\n".encode("latin-1"))


def with_a_heading_only(folder: Path) -> None:
    write(folder, [], TRUTH)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (without_answers, r"answers\.csv is missing"),
        (without_gold, r"gold\.csv holds no gold"),
        (with_other_tasks_gold, r"gold\.csv names no task that was answered"),
        (without_a_column, r"answers\.csv has no column “worker”"),
        (with_an_empty_value, r"answers\.csv, line 3: a value is empty"),
        (with_another_encoding, r"gold\.csv is not UTF-8 \(byte \d+\)"),
        (with_a_heading_only, r"answers\.csv holds no answers"),
    ],
)
def test_a_bad_folder_is_refused_by_name_and_nothing_is_posted(
    folder: Path, fault: Callable[[Path], None], message: str
) -> None:
    fault(folder)
    with pytest.raises(CommandError, match=message):
        replay(folder)
    assert not Project.objects.exists()


@pytest.mark.parametrize("text", ["2", "-0.1", "nan", "a lot"])
def test_a_share_is_between_0_and_1(folder: Path, text: str) -> None:
    with pytest.raises(CommandError, match=f"--gold-share: {text} is not a share"):
        replay(folder, f"--gold-share={text}")


@pytest.mark.parametrize("text", ["0", "65", "-1", "two"])
def test_a_number_has_its_bounds(folder: Path, text: str) -> None:
    with pytest.raises(CommandError, match=f"--processes: {text} is not a number from 1 to 64"):
        replay(folder, f"--processes={text}")


def test_where_all_tasks_are_gold_nothing_is_left_to_ask(folder: Path) -> None:
    write(folder, recorded()[:-2], TRUTH)
    with pytest.raises(CommandError, match="no tasks to be answered"):
        replay(folder, "--gold-share", "1")


@pytest.mark.slow
@pytest.mark.datasets
def test_the_consensus_on_real_answers_is_as_good_as_it_must_be(dataset: Callable[[str], Path], tmp_path: Path) -> None:
    """The answers to a quarter of the tasks: what more of them show, `make bench-quality` shows without a site."""
    figures = replay(part_of(dataset("rte"), tmp_path / "rte", tasks=200))
    assert figures["accepted"] == figures["answers"] == 2000
    assert figures["consensus_accuracy"] >= max(0.9, figures["majority_accuracy"] + 0.04)
    assert figures["paid_micros"] == 2000 * REWARD
    assert figures["ledger_balanced"]
    all_is_well()


def part_of(whole: Path, part: Path, *, tasks: int) -> Path:
    """A folder with the first so many tasks of the other."""
    part.mkdir()
    answers = (whole / "answers.csv").read_text().splitlines()[1:]
    kept = set(list(dict.fromkeys(line.split(",")[0] for line in answers))[:tasks])
    for name in ("answers.csv", "gold.csv"):
        heading, *lines = (whole / name).read_text().splitlines()
        (part / name).write_text("\n".join([heading, *(line for line in lines if line.split(",")[0] in kept)]) + "\n")
    return part


def test_asking_as_needed_buys_fewer_answers_and_says_what_that_saves(folder: Path) -> None:
    figures = replay(folder, "--gold-share", "0", "--adaptive", "--orders", "1", "--processes", "1")
    assert figures["orders"] == len(figures["reports"]) == 1
    once = figures["reports"][0]
    assert once["ledger_balanced"]
    assert 2 * 13 <= once["answers"] == once["accepted"] < 62
    assert figures["adaptive"]["answers"] == once["answers"] / 13
    assert figures["saved"] == pytest.approx(1 - figures["adaptive"]["answers"] / figures["fixed_answers"])
    assert once["paid_micros"] == once["answers"] * REWARD
    assert once["returned_micros"] > 0
    assert len(figures["fixed"]) == 5
    all_is_well()


def test_the_cost_is_written_down(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "cost.md"
    call_command("cost", str(folder), "--orders", "1", "--output", str(page), stdout=StringIO())
    text = page.read_text()
    assert text.startswith("# What asking only as often as needed saves")
    assert "| small | " in text
    assert "balanced: yes" in text
