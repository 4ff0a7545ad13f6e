"""Figures of large projects, which would be counted over millions of rows each time that somebody opens a page.

Whoever looks is shown what was counted last, and does not wait: where that was over a minute ago, a job counts anew for
the next look. A sweep has them counted before anybody looks, and again while the project is worked on. Who has done
something sees what came of it: then his look counts. Those of other projects are always counted.
"""

import secrets
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, TypeVar

from django.core.cache import caches
from django.utils.connection import ConnectionProxy

from crowd.consensus.spending import Spend, spend
from crowd.kernel import hints
from crowd.projects.models import Project
from crowd.projects.states import ProjectState

T = TypeVar("T")
JOB = "web.count_figure"
LARGE = 50_000  # answers that were ever asked for
FRESH_S = 60
CURRENT_S = 600  # what nobody looks at is counted anew so often
KEPT_S = 24 * 3600
STANDING = ("overview", "progress", "spend", "paid")  # what any deed changes that is about answers or money
COUNTS: dict[str, Callable[[Project], Any]] = {}
cache = ConnectionProxy(caches, "figures")


def is_large(project: Project) -> bool:
    return project.planned_slots >= LARGE


def kept(name: str) -> Callable[[Callable[[Project], T]], Callable[[Project], T]]:
    """The decorated function then gives what it counted, or counted a short while ago; it must not be None, nor in
    anybody's language, nor hold a label config, which may be megabytes and is at hand in each process."""

    def decorate(count: Callable[[Project], T]) -> Callable[[Project], T]:
        COUNTS[name] = count

        @wraps(count)
        def look(project: Project) -> T:
            if not is_large(project):
                return count(project)
            key = _key(project.pk, name)
            known = cache.get_many([key, _fresh(key)])
            if key not in known:
                return count_anew(project, name)  # type: ignore[no-any-return]
            if _fresh(key) not in known and cache.add(_asked(key), 1, FRESH_S):
                hints.send(JOB, project.pk, name)
            return known[key]  # type: ignore[no-any-return]

        return look

    return decorate


@kept("spend")
def spent(project: Project) -> Spend:
    return spend(project)


def count_anew(project: Project, name: str) -> Any:
    """What is counted now; kept, unless something was done meanwhile of which it may not know."""
    key, deed = _key(project.pk, name), cache.get(_deed(project.pk))
    found = COUNTS[name](project)
    if cache.get(_deed(project.pk)) == deed:
        cache.set(_fresh(key), 1, FRESH_S)
        cache.set(key, found, KEPT_S)
    return found


def is_fresh(project_id: int, name: str) -> bool:
    """Counted within the minute: of several messages only the first counts."""
    return bool(cache.has_key(_fresh(_key(project_id, name))))


def due() -> Iterator[tuple[int, str]]:
    """Project and name of figures that a job is to count: those of projects that are worked on every CURRENT_S, of
    closed ones what is not kept any more."""
    large = Project.objects.filter(planned_slots__gte=LARGE).exclude(state=ProjectState.DRAFT)
    for project_id, state in large.values_list("pk", "state"):
        for name in COUNTS:
            key = _key(project_id, name)
            wanted = state != ProjectState.CLOSED or not cache.has_key(key)
            if wanted and cache.add(_swept(key), 1, CURRENT_S):
                yield project_id, name


def forget(project_id: int, *names: str) -> None:
    """Something was done of which its doer must see the effect: how the project stands is counted anew, and these."""
    cache.set(_deed(project_id), secrets.token_hex(8), KEPT_S)
    keys = [_key(project_id, name) for name in (*STANDING, *names)]
    cache.delete_many([*keys, *(_fresh(key) for key in keys)])


def _key(project_id: int, name: str) -> str:
    return f"web:kept:{project_id}:{name}"


def _fresh(key: str) -> str:
    return f"{key}:fresh"


def _asked(key: str) -> str:
    return f"{key}:asked"


def _swept(key: str) -> str:
    return f"{key}:swept"


def _deed(project_id: int) -> str:
    return f"web:kept:{project_id}:deed"
