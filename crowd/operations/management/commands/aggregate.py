from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from crowd.quality.command import add_arguments, aggregate


class Command(BaseCommand):
    help = "Merge a crowd's answers from a CSV file (task,worker,label); needs and changes nothing in the database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            aggregate(
                options["answers"],
                method=options["method"],
                gold=options["gold"],
                output=options["output"],
                workers=options["workers"],
                out=self.stdout,  # type: ignore[arg-type] # Django's wrapper writes text like any stream
                progress=self.stderr,  # type: ignore[arg-type]
            )
        except (ValueError, OSError) as error:
            raise CommandError(str(error)) from error
