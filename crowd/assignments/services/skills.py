"""Workers' skills, counted once a day from their known answers on all projects (`qualifications.skills`).

What a worker answered today counts from midnight (UTC) on: a value that moved at once would tell which task was gold.
Projects in test money and teams that work for nothing leave no mark on anybody's record. All of a worker's known
answers are counted anew each time, so a key that was corrected mends what it had done.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from crowd.assignments.models import Answer
from crowd.kernel import clock, money, sql
from crowd.kernel.models import Watermark
from crowd.projects.models import ConfigVersion
from qualifications.services.skills import Counted, keep
from qualifications.skills import HALF_LIFE, kinds

MARK = "skills.answers"
SETTLED = timedelta(minutes=5)  # what was submitted before midnight is committed by then
CHUNK = 500
OLDEST = 10 * HALF_LIFE  # what is older weighs less than a thousandth

TOUCHED = """
SELECT DISTINCT a.worker_id FROM assignments_answer n JOIN assignments_assignment a ON a.id = n.assignment_id
WHERE n.id > %(after)s AND n.submitted_at < %(cut)s AND a.is_gold ORDER BY a.worker_id
"""
COUNTED = """
SELECT a.worker_id, a.config_id, coalesce(sum(w.weight) FILTER (WHERE a.gold_passed), 0),
       coalesce(sum(w.weight) FILTER (WHERE NOT a.gold_passed), 0)
FROM assignments_assignment a JOIN projects_project p ON p.id = a.project_id,
     LATERAL (SELECT power(0.5, extract(epoch FROM %(cut)s - a.submitted_at) / %(half_life)s) AS weight) w
WHERE a.worker_id = ANY(%(workers)s::bigint[]) AND a.is_gold AND a.gold_passed IS NOT NULL AND a.reward_micros > 0
  AND a.submitted_at < %(cut)s AND a.submitted_at >= %(oldest)s AND p.currency <> %(test_money)s
GROUP BY a.worker_id, a.config_id ORDER BY a.worker_id, a.config_id
"""


def fold() -> int:
    """Bring the skills of everybody up to date who has given known answers since; how many workers' values changed.

    In transactions of bounded size; killed half way, it begins again and ends the same. Twice in a row does nothing.
    """
    cut = last_midnight(clock.now())
    after = Watermark.objects.get_or_create(name=MARK)[0].through
    through = Answer.objects.filter(id__gt=after, submitted_at__lt=cut).aggregate(last=Max("id"))["last"]
    if through is None:
        return 0
    ids = [row[0] for row in sql.rows(TOUCHED, {"after": after, "cut": cut})]
    changed = 0
    for start in range(0, len(ids), CHUNK):
        with transaction.atomic(durable=True):
            changed += recount(ids[start : start + CHUNK], cut=cut)
    Watermark.objects.filter(name=MARK, through__lt=through).update(through=through)
    return changed


def recount(worker_ids: Sequence[int], *, cut: datetime) -> int:
    """Count these workers' known answers before `cut` anew; how many have another value. Inner; locks Workers."""
    ids = sorted(set(worker_ids))
    return keep(_counted(ids, cut), worker_ids=ids, as_of=cut)


def last_midnight(now: datetime) -> datetime:
    """The last one (UTC) that is safely over."""
    return (now - SETTLED).replace(hour=0, minute=0, second=0, microsecond=0)


def _counted(ids: Sequence[int], cut: datetime) -> Iterable[Counted]:
    parameters = {"cut": cut, "oldest": cut - OLDEST, "half_life": HALF_LIFE.total_seconds(), "workers": list(ids)}
    rows = sql.rows(COUNTED, parameters | {"test_money": money.TEST_CURRENCY})
    configs = ConfigVersion.objects.in_bulk([config_id for _worker, config_id, _right, _wrong in rows])
    sums: dict[tuple[int, str], tuple[float, float]] = {}
    for worker_id, config_id, right, wrong in rows:
        for kind in kinds(configs[config_id].config):
            before = sums.get((worker_id, kind), (0.0, 0.0))
            sums[worker_id, kind] = (before[0] + float(right), before[1] + float(wrong))
    return [
        Counted(worker_id=worker_id, kind=kind, right=right, wrong=wrong)
        for (worker_id, kind), (right, wrong) in sums.items()
    ]
