from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError, call_command

from crowd.operations.serve import CannotServe, serve


class Command(BaseCommand):
    help = "Serves the site: web server, job worker and beat, until Ctrl-C or SIGTERM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--migrate", action="store_true", help="bring the database up to date first")

    def handle(self, *args: Any, migrate: bool, **options: Any) -> None:
        if migrate:
            call_command("migrate", verbosity=0)
        try:
            code = serve(on_ready=self._tell)
        except CannotServe as error:
            raise CommandError(str(error)) from error
        if code:
            raise CommandError("The site has stopped.", returncode=code)

    def _tell(self, address: str) -> None:
        self.stdout.write(f"Serving {address} (Ctrl-C stops everything)")
