import os
import platform
from argparse import ArgumentParser
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crowd.kernel.errors import CrowdError
from crowd.operations.database import without_waiting_for_the_disk
from crowd.operations.progress import ProgressBar
from crowd.operations.replay import cost, folder
from crowd.operations.replay.run import Settings
from crowd.projects.models import Project


class Command(BaseCommand):
    help = "Measure what asking only as often as needed saves on recorded answers, and write it down."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folders", type=Path, nargs="+", help="each holds answers.csv and gold.csv, as for replay")
        parser.add_argument("--orders", type=int, default=5, help="of arrival, seeded (5)")
        parser.add_argument("--output", type=Path, help="a Markdown file, besides the screen")

    def handle(self, *args: Any, **options: Any) -> None:
        settings = Settings(gold_share=Decimal(0), processes=os.cpu_count() or 1)
        try:
            without_waiting_for_the_disk()
            found = [
                cost.measure(folder.read(place), settings, options["orders"], ProgressBar)
                for place in options["folders"]
            ]
        except CrowdError as error:
            raise CommandError(str(error)) from error
        page = _page(found, options["orders"])
        self.stdout.write(page)
        if options["output"]:
            options["output"].write_text(page, encoding="utf-8")


def _page(found: list[cost.Cost], orders: int) -> str:
    project = Project()
    return (
        "\n\n".join(
            [
                "# What asking only as often as needed saves",
                "Written by `make bench-cost`: `manage.py cost FOLDER...`, the same as `manage.py replay FOLDER --adaptive "
                f"--gold-share 0` for each. {orders} seeded arrival orders, means over them; recorded answers through the "
                "marketplace's own services, two for each task to begin with, then one more while the calibrated posterior "
                f"is under {project.target_posterior} and the next answer is expected to raise it by more than "
                f"{project.least_gain}. Calibrated without any gold of these sets (docs/quality.md). A tie earns 1 / number "
                "of tied labels.",
                cost.table(found),
                "*Fixed for the same*: answers a task at which the first k answers of each task, merged by the same method, "
                "first come out as right, interpolated between whole k; all answers where they never do. *Majority's share*: "
                "two answers, then one more while the leading label has less than a share of them (0.51 to 0.99, "
                "interpolated between), merged by the same method.",
                "## The curves",
                *(_curves(one) for one in found),
                f"{platform.machine()}, Python {platform.python_version()}. Every replay's books balanced: "
                f"{'yes' if all(r.ledger_balanced for one in found for r in one.reports) else 'NO'}.",
            ]
        )
        + "\n"
    )


def _curves(one: cost.Cost) -> str:
    fixed = ", ".join(f"{point.answers:.1f}: {point.rightness:.3f}" for point in one.fixed)
    share = ", ".join(f"{point.answers:.1f}: {point.rightness:.3f}" for point in one.by_share)
    each = ", ".join(f"{r.answers / r.tasks:.2f}: {r.consensus_accuracy:.3f}" for r in one.reports)
    lines = [f"- fixed: {fixed}", f"- majority's share: {share}", f"- as needed, each order: {each}"]
    return "\n".join([f"{one.name}, answers a task: share right.", "", *lines])
