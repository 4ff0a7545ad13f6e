import json
import os
import time
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crowd.kernel.errors import CrowdError
from crowd.operations.arguments import share, whole
from crowd.operations.database import without_waiting_for_the_disk
from crowd.operations.progress import ProgressBar
from crowd.operations.replay import cost, folder
from crowd.operations.replay.report import Report, report
from crowd.operations.replay.run import Settings, replay


class Command(BaseCommand):
    help = "Post a project from recorded crowd answers, give exactly these answers, aggregate, pay, and compare."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="holds answers.csv (task,worker,label) and gold.csv (task,label)")
        parser.add_argument("--gold-share", type=share, default=Settings.gold_share, help="of the known truth (0.1)")
        parser.add_argument("--min-accuracy", type=share, default=None, help="pause workers below it (nobody)")
        parser.add_argument("--method", default=Settings.method, help="how answers are merged (dawid-skene)")
        parser.add_argument("--seed", type=int, default=Settings.seed, help="of all that is drawn by chance (0)")
        parser.add_argument(
            "--processes", type=whole(1, 64), default=os.cpu_count() or 1, help="workers who answer at once (all cores)"
        )
        parser.add_argument(
            "--adaptive", action="store_true", help="ask only as often as needed, and say what that saves"
        )
        parser.add_argument("--orders", type=whole(1, 64), default=5, help="of arrival, with --adaptive (5)")
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        settings = Settings(
            gold_share=options["gold_share"],
            minimum_accuracy=options["min_accuracy"],
            method=options["method"],
            seed=options["seed"],
            processes=options["processes"],
        )
        started = time.monotonic()
        try:
            recorded = folder.read(options["folder"])
            without_waiting_for_the_disk()
            if options["adaptive"]:
                self.stdout.write(_cost(cost.measure(recorded, settings, options["orders"], ProgressBar), options))
                return
            run = replay(recorded, settings, ProgressBar(f"Replaying {recorded.name}"))
        except CrowdError as error:
            raise CommandError(_in_words(error)) from error
        result = report(run, time.monotonic() - started)
        self.stdout.write(json.dumps(asdict(result)) if options["json"] else _table(result))


def _cost(found: cost.Cost, options: dict[str, Any]) -> str:
    figures = {name: getattr(found, name) for name in ("fixed_answers", "saved", "above_fixed", "above_share")}
    return json.dumps(asdict(found) | figures) if options["json"] else cost.table([found])


def _in_words(error: CrowdError) -> str:
    return " ".join([str(error.message), *(f"{place}: {why}" for place, why in error.places.items())])


def _table(result: Report) -> str:
    rows = {name.replace("_", " "): value for name, value in asdict(result).items()}
    width = max(map(len, rows))
    return "\n".join(f"{name:<{width}}  {_cell(value)}" for name, value in rows.items())


def _cell(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "-"}[value]
    return f"{value:,}" if isinstance(value, int) else str(value)
