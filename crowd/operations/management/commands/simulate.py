import json
import time
from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import asdict, replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crowd.kernel import money
from crowd.kernel.errors import CrowdError
from crowd.operations.arguments import share, whole
from crowd.operations.database import without_waiting_for_the_disk
from crowd.operations.progress import ProgressBar
from crowd.operations.simulate.crowd import Kind, people
from crowd.operations.simulate.report import Report, report
from crowd.operations.simulate.run import Settings, simulate

MIX = "good=24,middling=3,biased=1,lazy=1,colluding=1,spammer=10"


class Command(BaseCommand):
    help = "A seeded crowd of good, biased, lazy, spamming and colluding workers does a project; what came of it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = ", ".join(kind.value for kind in Kind)
        parser.add_argument("--crowd", type=_mix, default=MIX, help=f"how many of each kind: {kinds} ({MIX})")
        parser.add_argument("--labels", type=whole(2, 100), default=Settings.labels, help="of the one question (4)")
        parser.add_argument("--items", type=whole(1), default=Settings.items, help="ordinary ones (800)")
        parser.add_argument("--gold", type=whole(0), default=Settings.gold, help="gold tasks (80)")
        parser.add_argument(
            "--redundancy", type=whole(1), default=Settings.redundancy, help="answers for each item (3)"
        )
        parser.add_argument("--quiz", type=whole(0), default=Settings.quiz, help="length of the quiz (8; 0: none)")
        parser.add_argument("--gold-share", type=share, default=Settings.gold_share, help="after the quiz (0.15)")
        parser.add_argument("--min-accuracy", type=share, default=Settings.minimum, help="pause below it (0.7)")
        parser.add_argument("--per-worker", type=whole(1), default=None, help="tasks that one worker may do (all)")
        parser.add_argument("--seed", type=int, default=Settings.seed, help="of all that is drawn by chance (0)")
        parser.add_argument("--alone", action="store_true", help="not the same crowd without its spammers too")
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        settings = Settings(
            labels=options["labels"],
            items=options["items"],
            gold=options["gold"],
            redundancy=options["redundancy"],
            counts=options["crowd"],
            quiz=options["quiz"],
            gold_share=options["gold_share"],
            minimum=options["min_accuracy"],
            per_worker=options["per_worker"],
            seed=options["seed"],
        )
        started = time.monotonic()
        without_waiting_for_the_disk()
        try:
            found = _run(settings, "The crowd works")
            honest = None if options["alone"] else _run(_without_spammers(settings), "The same without spammers")
        except CrowdError as error:
            raise CommandError(f"{error.message} {error.data or ''}".strip()) from error
        seconds = time.monotonic() - started
        if options["json"]:
            both = {"with_spammers": asdict(found), "without_spammers": asdict(honest) if honest else None}
            self.stdout.write(json.dumps(both | {"seed": settings.seed, "seconds": round(seconds, 1)}))
        else:
            self.stdout.write("\n".join(_lines(settings, found, honest, seconds)))


def _run(settings: Settings, label: str) -> Report:
    """Everybody has the same number and the same answers, whoever else is there."""
    crowd = [person for person in people(settings.counts, settings.seed) if settings.counts[person.kind]]
    return report(simulate(settings, crowd, ProgressBar(label)))


def _without_spammers(settings: Settings) -> Settings:
    return replace(settings, counts={kind: n for kind, n in settings.counts.items() if kind != Kind.SPAMMER})


def _mix(text: str) -> dict[Kind, int]:
    try:
        pairs = [part.split("=") for part in text.split(",")]
        return {Kind(kind.strip()): int(count) for kind, count in pairs}
    except ValueError:
        raise ArgumentTypeError(f"{text} is not like {MIX}") from None


def _lines(settings: Settings, found: Report, honest: Report | None, seconds: float) -> list[str]:
    head = f"{'kind':<12}{'workers':>8}{'accuracy':>10}{'paused':>8}{'in quiz':>9}{'answers':>9}{'until pause':>13}"
    rows = [
        f"{one.kind:<12}{one.workers:>8}{one.accuracy:>10.1%}{one.paused:>8}{one.failed_quiz:>9}{one.answers:>9.1f}"
        f"{one.answers_until_pause if one.answers_until_pause is not None else float('nan'):>13.1f}"
        for one in found.groups
    ]
    return [
        head,
        *rows,
        "",
        *_quiz(found),
        *_sums("accuracy", found),
        *_honest(honest, found),
        f"seed {settings.seed}, {seconds:.0f} s",
    ]


def _quiz(found: Report) -> list[str]:
    if found.quiz_mark is None or found.quiz_error is None:
        return []
    return [
        f"quiz: {found.quiz_mark} of {found.quiz_length} pass; a worker comfortably above the minimum fails it with "
        f"{found.quiz_error:.2%}"
    ]


def _sums(label: str, found: Report) -> list[str]:
    cost = f"{money.digits(found.cost_micros, money.TEST_CURRENCY)} {money.TEST_CURRENCY}"
    return [
        f"false pauses: {found.false_pauses} of {found.good_workers} workers with a true accuracy of 85 % or more",
        f"{label} {found.accuracy:.2%} of {found.with_consensus:,} items; {found.answers:,} answers, "
        f"{found.gold_answers:,} of them gold; cost {cost}; books {'balanced' if found.ledger_balanced else 'BROKEN'}",
    ]


def _honest(honest: Report | None, found: Report) -> list[str]:
    if honest is None:
        return []
    difference = 100 * (found.accuracy - honest.accuracy)
    return [
        "the same crowd without spammers: " + _sums("accuracy", honest)[1],
        f"difference: {difference:+.2f} points",
    ]
