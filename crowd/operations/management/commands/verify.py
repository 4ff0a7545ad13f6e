import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder

from crowd.operations.verify import Finding, verify

SHOWN = 20


class Command(BaseCommand):
    help = "Check everything that must always hold of the stored rows: money, slots, answers, states. Changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output, with every row")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = verify()
        self.stdout.write(_json(findings) if options["json"] else _lines(findings))
        broken = sum(not finding.holds for finding in findings)
        if broken:
            raise CommandError(f"{broken} of {len(findings)} statements do not hold.")


def _json(findings: list[Finding]) -> str:
    """Every statement, and the rows that break it."""
    rows = [
        {"app": one.app, "name": one.name, "sentence": one.sentence, "holds": one.holds, "rows": one.rows}
        for one in findings
    ]
    return json.dumps({"holds": all(one.holds for one in findings), "statements": rows}, cls=DjangoJSONEncoder)


def _lines(findings: list[Finding]) -> str:
    return "\n".join(line for finding in findings for line in _of(finding))


def _of(finding: Finding) -> list[str]:
    if finding.holds:
        return [f"ok      {finding.app}: {finding.sentence}"]
    shown = [f"        {json.dumps(row, cls=DjangoJSONEncoder)}" for row in finding.rows[:SHOWN]]
    more = len(finding.rows) - len(shown)
    if more:
        shown.append(f"        and {more:,} more (--json has all of them)")
    return [f"BROKEN  {finding.app}: {finding.sentence}", *shown]
