"""What is read of the workers' board: topics by their newest post, posts in order, under handles."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.talk.models import Handle, Post, Topic
from crowd.talk.services.board import EDITABLE
from workers.models import Worker

PAGE = 50


@dataclass(frozen=True)
class Line:
    """A post, or a topic, with the name of who wrote it; `editable` by its reader now."""

    of: Post
    name: str
    mine: bool
    editable: bool


@dataclass(frozen=True)
class Page:
    """Some posts, the oldest first; `after`: where the next ones begin, None at the end."""

    posts: list[Line]
    after: int | None


def topics(words: str = "") -> QuerySet[Topic]:
    """Those not hidden, for lists by `last_id`; with words only those in whose title or posts they stand."""
    found = Topic.objects.filter(hidden_at=None)
    if not words:
        return found
    asked = SearchQuery(words, config="simple", search_type="websearch")
    titles = Topic.objects.annotate(words=SearchVector("title", config="simple")).filter(words=asked)
    texts = Post.objects.annotate(words=SearchVector("text", config="simple")).filter(words=asked, hidden_at=None)
    return found.filter(pk__in=titles.values("pk").union(texts.values("topic")))


def topic_lines(found: Sequence[Topic]) -> list[tuple[Topic, str]]:
    """Each topic with the handle of who began it."""
    names = names_of([one.worker_id for one in found])
    return [(one, names[one.worker_id]) for one in found]


def posts_after(topic: Topic, after: str, *, reader: Worker | None) -> Page:
    """Fifty posts from a cursor on: the id of the post before them."""
    rows = topic.all_posts.order_by("pk")
    if after.isdecimal() and len(after) < 19:
        rows = rows.filter(pk__gt=int(after))
    found = list(rows[: PAGE + 1])
    return Page(lines(found[:PAGE], reader=reader), found[PAGE - 1].pk if len(found) > PAGE else None)


def lines(posts: Sequence[Post], *, reader: Worker | None) -> list[Line]:
    names, since = names_of([one.worker_id for one in posts]), clock.now() - EDITABLE
    mine = reader.pk if reader else None
    return [
        Line(
            one,
            names[one.worker_id],
            one.worker_id == mine,
            one.worker_id == mine and one.hidden_at is None and one.posted_at > since,
        )
        for one in posts
    ]


def names_of(worker_ids: Sequence[int]) -> dict[int, str]:
    """Worker id to handle; who has none any more is a deleted user."""
    known = dict(Handle.objects.filter(worker__in=set(worker_ids)).values_list("worker", "name"))
    return {id: known.get(id, _("deleted user")) for id in worker_ids}


def handle_of(worker: Worker) -> str | None:
    return Handle.objects.filter(worker=worker).values_list("name", flat=True).first()
