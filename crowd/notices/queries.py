"""What is read about notices: their words in the reader's language, how many are new, how a person is told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from crowd.notices.kinds import KINDS, Kind
from crowd.notices.models import Notice, NoticeChoice
from crowd.notices.states import How
from crowd.users.models import User

MOST_COUNTED = 100  # beyond that nobody counts


@dataclass(frozen=True)
class Said:
    """A notice as it reads in the language of the moment."""

    id: int
    kind: str
    title: str
    text: str
    link: str
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True)
class Choice:
    """One kind, and how the person is told of it."""

    kind: Kind
    how: How

    @property
    def name(self) -> str:
        return self.kind.name

    @property
    def label(self) -> str:
        return str(self.kind.label)

    @property
    def must(self) -> bool:
        return self.kind.must

    @property
    def audience(self) -> str:
        return self.kind.audience


def notices_of(user: User, *, unread: bool = False) -> QuerySet[Notice]:
    """Newest first."""
    found = Notice.objects.filter(user=user).order_by("-pk")
    return found.filter(read_at=None) if unread else found


def unread_count(user: User) -> int:
    """At most MOST_COUNTED."""
    return Notice.objects.filter(user=user, read_at=None)[:MOST_COUNTED].count()


def read(notice: Notice) -> Said:
    """A kind that the code does not know any more is shown by its name: the row was written by an older version."""
    kind = KINDS.get(notice.kind)
    title = kind.title_of(notice.data) if kind else notice.kind
    text = kind.text_of(notice.data) if kind else ""
    return Said(notice.pk, notice.kind, title, text, notice.link, notice.created_at, notice.read_at)


def choices_of(user: User) -> list[Choice]:
    """Every kind in the order of the table."""
    chosen = dict(NoticeChoice.objects.filter(user=user).values_list("kind", "how"))
    return [Choice(kind, How(chosen.get(name, kind.usual))) for name, kind in KINDS.items()]


def my_data(user: User) -> dict[str, Any]:
    """Everything this app keeps about the person, as plain data for his export."""
    fields = ("kind", "data", "link", "created_at", "read_at", "mail")
    return {
        "notices": list(Notice.objects.filter(user=user).order_by("pk").values(*fields)),
        "notice_choices": dict(NoticeChoice.objects.filter(user=user).values_list("kind", "how")),
    }
