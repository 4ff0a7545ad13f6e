"""The curve of what labels cost, as the quality step and the page of a running project show it."""

from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.utils.translation import gettext as _

from crowd.consensus import costs, queries
from crowd.projects import pricing
from crowd.projects import queries as projects
from crowd.projects.models import Project
from crowd.quality.cost import Point

A_DAY_S = 24 * 3600
THOUSAND = 1000


@dataclass(frozen=True)
class Line:
    """One way of asking: answers a task, what a thousand tasks cost then, how much is expected to come out right."""

    label: str
    answers: float
    micros: int
    rightness: float

    @property
    def percent(self) -> float:
        return 100 * self.rightness


def of_draft(project: Project, chosen: str) -> dict[str, Any]:
    """The projects to choose from, the one that is chosen, and its curve at this draft's price."""
    sources = [one for one in costs.sources(project) if one.pk != project.pk]
    source = next((one for one in sources if str(one.pk) == chosen), None)
    return {"sources": sources, "source": source, "lines": lines(source, project) if source else []}


def of_running(project: Project) -> dict[str, Any] | None:
    """What was saved so far; None where every task gets the same number of answers."""
    saved = costs.saved(project)
    return None if saved is None else {"saved": saved, "mean": saved.answers / saved.tasks if saved.tasks else None}


def lines(source: Project, project: Project) -> list[Line]:
    """Counted once a run of the source. Empty where its answers are too few."""
    run = queries.last_run(source)
    key = f"web:costs:{source.pk}:{run.pk if run else 0}:{project.most_answers}:{project.least_gain}"
    curve = cache.get(key)
    if curve is None:
        curve = costs.curve(source, most=project.most_answers, least_gain=float(project.least_gain)) or ()
        cache.set(key, curve, A_DAY_S)
    if not curve:
        return []
    price = project.reward_micros + (project.fee_micros or pricing.fee(project.reward_micros, projects.fee_rate()))
    fixed = [_line(_("exactly %(n)d") % {"n": n}, point, price) for n, point in enumerate(curve.fixed, start=1)]
    adaptive = [
        _line(_("as needed, until %(sure)d %% sure") % {"sure": round(100 * target)}, point, price)
        for target, point in curve.adaptive
    ]
    return fixed + adaptive


def _line(label: str, point: Point, price: int) -> Line:
    return Line(label, point.answers, round(point.answers * THOUSAND) * price, point.rightness)
