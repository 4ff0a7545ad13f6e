"""`make bench-money`: 100,000 acceptances paid in one job, and the balance of a million transfers; prints a table.

    python -m bench.marketplace.money [--answers 100k] [--output docs/benchmarks/money.md]

Three projects have so many answers that are due: each is settled by one call of what the job calls. A fourth was paid
before, so that there are ten times as many transfers in the end. All in a database of its own.
"""

import argparse
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import django

from bench.marketplace import place
from crowd.kernel.postgres import server

if TYPE_CHECKING:
    from bench.marketplace.fill import World

ROUNDS = 3
WORKERS = 100
EACH = 2  # answers a task
PAID = """
    WITH purse AS (
        SELECT holder, holder_id, id FROM ledger_account WHERE currency = %(currency)s
            AND (holder, purpose) IN (('worker', 'available'), ('project', 'escrow'), ('platform', 'fees')))
    INSERT INTO ledger_transfer (
        key, kind, debit_id, credit_id, currency, amount_micros, project_ref, subject_ref, reason, created_at)
    SELECT 'assignment:' || a.id || ':1:' || part.kind, part.kind, escrow.id, purse.id, %(currency)s, part.micros,
        a.project_id, a.id, '', now()
    FROM assignments_assignment a
    CROSS JOIN LATERAL (VALUES ('reward', a.reward_micros, 'worker', a.worker_id), ('fee', a.fee_micros, 'platform', 0))
        part(kind, micros, holder, holder_id)
    JOIN purse escrow ON escrow.holder = 'project' AND escrow.holder_id = a.project_id
    JOIN purse ON purse.holder = part.holder AND purse.holder_id = part.holder_id
    WHERE a.project_id = %(project)s
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.marketplace.money")
    parser.add_argument("--answers", default="100k", help="accepted in one job")
    parser.add_argument("--output", default="docs/benchmarks/money.md")
    options = parser.parse_args()
    folder = server.data_folder() / "bench"
    try:
        place.settle(folder)
        django.setup()
        page = _bench(place.number(options.answers))
    finally:
        place.leave(folder)
    Path(options.output).write_text(page)
    print(page)


def _bench(answers: int) -> str:
    from bench.marketplace import answered, report
    from bench.marketplace.fill import World
    from crowd.consensus.services.settle import settle
    from crowd.kernel import money
    from crowd.ledger.queries import trial_balance
    from crowd.ledger.services import self_check
    from crowd.ledger.services.fold import fold

    place.say(f"{WORKERS} workers, {ROUNDS} projects of {answers:,} answers that are due")
    world = World(WORKERS)
    due = answered.published(world, ROUNDS, answers // EACH, each=EACH, name="Due")
    answered.answer(world, due, answers // EACH, each=EACH, due="-1 minute")
    answered.settle_down()
    took = []
    for project in due:
        place.say(f"{answers:,} acceptances in one job")
        took.append(place.timed(_all_of, settle, project, answers))
    place.say("the transfers of another project")
    _paid_before(world, 2 * answers)
    lines = {
        f"{answers:,} acceptances paid in one job, median of {ROUNDS}": statistics.median(took),
        "the slowest of them": max(took),
        f"trial balance over {_transfers():,} transfers, none folded": place.timed(trial_balance, money.TEST_CURRENCY),
        "all invariants of the ledger over them": place.timed(self_check),
        "folding them": place.timed(_settled, fold),
        "trial balance, all folded": place.timed(trial_balance, money.TEST_CURRENCY),
    }
    table = "\n".join(f"| {what} | {seconds:.2f} s |" for what, seconds in lines.items())
    place.say("the invariants")
    return f"""# Paying, and whether it adds up

Written by `make bench-money`. There are {WORKERS} workers; each acceptance moves a reward and a fee. Afterwards
`manage.py verify` found that all {place.verify()} invariants hold.

{report.machine()}

| | time |
|---|---:|
{table}
"""


def _all_of(settle: Callable[[int], int], project: int, answers: int) -> None:
    accepted = settle(project)
    assert accepted == answers // EACH * EACH, accepted


def _settled(fold: Callable[[], int]) -> None:
    assert fold() > WORKERS


def _paid_before(world: "World", answers: int) -> None:
    """A project whose answers were all accepted and paid, put there by SQL."""
    from bench.marketplace import answered
    from crowd.kernel import money

    tasks = answers // EACH
    (project,) = answered.published(world, 1, tasks, each=EACH, name="Paid")
    answered.answer(world, [project], tasks, each=EACH, state="accepted")
    with place.connect() as connection:
        connection.execute(PAID, {"project": project, "currency": money.TEST_CURRENCY})
        connection.execute("VACUUM ANALYZE ledger_transfer, ledger_account")
    answered.settle_down()


def _transfers() -> int:
    from crowd.ledger.models import Transfer

    return Transfer.objects.count()


if __name__ == "__main__":
    main()
