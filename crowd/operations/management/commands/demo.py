import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings as site
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection
from django.urls import reverse

from crowd.kernel.errors import CrowdError
from crowd.operations.database import without_waiting_for_the_disk
from crowd.operations.demo.cast import PASSWORD, Cast, SignIn, sign_ins
from crowd.operations.demo.report import lines, report
from crowd.operations.demo.story import Settings, play
from crowd.operations.progress import ProgressBar
from crowd.operations.serve import CannotServe, serve

FEWEST_ITEMS, FEWEST_WORKERS = 60, 8
WAITING = (
    ("requester", "answers to decide about, a worker's report, a draft to finish"),
    ("worker", "digits, pictures, texts, sounds, films, rows and more to label, a test to take, earnings"),
    ("staff", "a deposit and a withdrawal, a payout to put into a batch, a newcomer's project to look at"),
)


class Command(BaseCommand):
    help = "Fill a site on this machine with a demo: projects, a simulated crowd that works, money; then serve it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-serve", action="store_true", help="end after the report")
        parser.add_argument("--seed", type=int, default=Settings.seed, help="of what the simulated workers do (0)")
        parser.add_argument("--items", type=int, default=Settings.items, help="how many digits (all 1,797)")
        parser.add_argument("--crowd", type=int, default=Settings.crowd, help="how many simulated workers (40)")

    def handle(self, *args: Any, **options: Any) -> None:
        settings = Settings(items=options["items"], crowd=options["crowd"], seed=options["seed"])
        _refuse_where_it_would_do_harm()
        _check(settings)
        call_command("migrate", verbosity=0)
        try:
            cast = self._fill(settings)
        except CrowdError as error:
            raise CommandError(f"{error.message} {error.data or ''}".strip()) from error
        if not options["no_serve"]:
            self._serve(sign_ins(cast))

    def _fill(self, settings: Settings) -> Cast:
        started = time.monotonic()
        without_waiting_for_the_disk()
        self.stdout.write("Filling the demo marketplace; this takes a minute or two.")
        story = play(settings, ProgressBar("The simulated crowd works"))
        found = report(story, time.monotonic() - started)
        self.stdout.write("\n" + "\n".join(lines(found)) + "\n")
        if not found.holds:
            raise CommandError("The stored rows contradict each other: see `manage.py verify`.")
        return story.cast

    def _serve(self, people: list[SignIn]) -> None:
        connection.close()  # the site's processes have their own
        try:
            code = serve(on_ready=lambda address: self._tell(address, people))
        except CannotServe as error:
            raise CommandError(str(error)) from error
        if code:
            raise CommandError("The site has stopped.", returncode=code)

    def _tell(self, address: str, people: list[SignIn]) -> None:
        self.stdout.write(
            f"\nServing {address} (Ctrl-C stops everything). Sign in at {address}{reverse(site.LOGIN_URL)}"
        )
        self.stdout.write(f"with the password {PASSWORD}, or use the API with a key (Authorization: Bearer KEY):\n")
        for one in people:
            self.stdout.write(f"  {one.role:<17}{one.user.email:<29}{one.key}")
        self.stdout.write("\nWhat waits for them:\n" + "\n".join(f"  {role:<17}{what}" for role, what in WAITING))


def _refuse_where_it_would_do_harm() -> None:
    """It makes staff whose password everybody knows, and moves the clock."""
    if not (site.CROWD_DEMO and site.CROWD_LOCAL and site.CROWD_CLOCK_MAY_SHIFT):
        raise CommandError("The demo runs only with CROWD_DEMO=1, on a site of this machine alone (`make demo`).")


def _check(settings: Settings) -> None:
    if settings.items is not None and settings.items < FEWEST_ITEMS:
        raise CommandError(f"--items: at least {FEWEST_ITEMS}, or there is nothing to see.")
    if settings.crowd < FEWEST_WORKERS:
        raise CommandError(f"--crowd: at least {FEWEST_WORKERS}, or the work is never done.")
