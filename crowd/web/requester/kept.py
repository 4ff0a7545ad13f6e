"""Figures of large projects, which would be counted over millions of rows each time that somebody opens a page.

They are counted anew at most once a minute: whoever asks first then counts, and all others see what was counted last.
Those of other projects are always counted.
"""

from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache

from crowd.consensus.spending import Spend, spend
from crowd.projects.models import Project

T = TypeVar("T")
LARGE = 50_000  # answers that were ever asked for
FRESH_S = 60
KEPT_S = 24 * 3600
STANDING = ("overview", "progress", "spend", "paid")  # what any deed changes that is about answers or money


def is_large(project: Project) -> bool:
    return project.planned_slots >= LARGE


def kept(project: Project, name: str, count: Callable[[], T]) -> T:
    """What `count` gives, or gave a short while ago; it must not be None, nor in anybody's language, nor hold a label
    config, which may be megabytes and is at hand in each process."""
    if not is_large(project):
        return count()
    key = _key(project.pk, name)
    found: T | None = cache.get(key)
    is_fresh = not cache.add(_fresh(key), 1, FRESH_S)
    if found is None or not is_fresh:
        found = count()
        cache.set(key, found, KEPT_S)
    return found


def spent(project: Project) -> Spend:
    return kept(project, "spend", lambda: spend(project))


def forget(project_id: int, *names: str) -> None:
    """Something was done of which its doer must see the effect: how the project stands is counted anew, and these."""
    keys = [_key(project_id, name) for name in (*STANDING, *names)]
    cache.delete_many([*keys, *(_fresh(key) for key in keys)])


def _key(project_id: int, name: str) -> str:
    return f"web:kept:{project_id}:{name}"


def _fresh(key: str) -> str:
    return f"{key}:fresh"
