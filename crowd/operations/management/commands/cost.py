import os
from argparse import ArgumentParser
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crowd.kernel.errors import CrowdError
from crowd.operations.arguments import whole
from crowd.operations.database import without_waiting_for_the_disk
from crowd.operations.progress import ProgressBar
from crowd.operations.replay import cost, folder
from crowd.operations.replay.run import Settings
from crowd.projects.models import Project

HOW = """\
Written by `make bench-cost`: `manage.py cost FOLDER...`, which does for each folder what `manage.py replay FOLDER
--adaptive --gold-share 0` does. Recorded answers go through the marketplace's own services in {orders} seeded arrival
orders; figures are means over them. A task begins with two answers and gets one more while its calibrated posterior is
under {target} and the next answer is expected to raise it by more than {gain}: the defaults of every project. No gold
of these sets was used, neither to merge nor to calibrate (docs/quality.md); a tie earns 1 / number of tied labels."""

COLUMNS = """\
*Fixed for the same*: answers a task at which the first k answers of each task, merged by the same method, first come
out as right, interpolated between whole k; all answers where they never do. *Majority's share*: two answers, then one
more while the leading label has less than a share of them (0.51 to 0.99, interpolated), merged by the same method."""


class Command(BaseCommand):
    help = "Measure what asking only as often as needed saves on recorded answers, and write it down."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folders", type=Path, nargs="+", help="each holds answers.csv and gold.csv, as for replay")
        parser.add_argument("--orders", type=whole(1, 64), default=5, help="of arrival, seeded (5)")
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
    balanced = all(report.ledger_balanced for one in found for report in one.reports)
    parts = [
        "# What asking only as often as needed saves",
        HOW.format(orders=orders, target=project.target_posterior, gain=project.least_gain),
        cost.table(found),
        COLUMNS,
        "## The curves",
        *(_curves(one) for one in found),
        f"Every replay's books balanced: {'yes' if balanced else 'NO'}.",
    ]
    return "\n\n".join(parts) + "\n"


def _curves(one: cost.Cost) -> str:
    fixed = ", ".join(f"{point.answers:.1f}: {point.rightness:.3f}" for point in one.fixed)
    share = ", ".join(f"{point.answers:.1f}: {point.rightness:.3f}" for point in one.by_share)
    each = ", ".join(f"{r.answers / r.tasks:.2f}: {r.consensus_accuracy:.3f}" for r in one.reports)
    lines = [f"- fixed: {fixed}", f"- majority's share: {share}", f"- as needed, each order: {each}"]
    return "\n".join([f"{one.name}, answers a task: share right.", "", *lines])
