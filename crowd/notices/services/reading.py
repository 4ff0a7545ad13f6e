"""What a reader does with his notices: marks them, chooses how he is told, and takes them along when he goes."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotFound
from crowd.notices.kinds import KINDS
from crowd.notices.models import Notice, NoticeChoice
from crowd.notices.states import How
from crowd.users.models import User


def open_notice(*, user: User, notice_id: int) -> Notice:
    """His notice, which is read from now on. Raises NotFound, also for somebody else's."""
    with transaction.atomic(durable=True):
        notice = Notice.objects.filter(user=user, pk=notice_id).first()
        if notice is None:
            raise NotFound
        mark_read(user=user, notice_ids=[notice.pk])
    return notice


def mark_read(*, user: User, notice_ids: Sequence[int] | None = None) -> int:
    """These, or all; how many were not read before. Ids of others' notices mean nothing."""
    with transaction.atomic():
        unread = Notice.objects.filter(user=user, read_at=None)
        if notice_ids is not None:
            unread = unread.filter(pk__in=notice_ids)
        return unread.update(read_at=clock.now())


def mark_read_at(*, user: User, link: str) -> None:
    """What his notices lead to has been seen without them. Inner."""
    Notice.objects.filter(user=user, read_at=None, link=link).update(read_at=clock.now())


def choose(*, user: User, choices: Mapping[str, str]) -> None:
    """How he is told, by kind; kinds that are not named stay as they are. Kept is only what is not as usual.

    Raises BadInput for a kind that there is not, and for turning off what must be told.
    """
    faults = {name: fault for name, how in choices.items() if (fault := _fault(name, how))}
    if faults:
        raise BadInput(errors=faults)
    with transaction.atomic(durable=True):
        mine = [NoticeChoice(user=user, kind=name, how=how) for name, how in sorted(choices.items())]
        usual = [one.kind for one in mine if one.how == KINDS[one.kind].usual]
        NoticeChoice.objects.filter(user=user, kind__in=usual).delete()
        NoticeChoice.objects.bulk_create(
            [one for one in mine if one.kind not in usual],
            update_conflicts=True,
            unique_fields=["user", "kind"],
            update_fields=["how"],
        )


def _fault(name: str, how: str) -> str:
    if name not in KINDS:
        return _("There is no such kind of notice.")
    if how not in How.values:
        return _("Choose one of: %(choices)s.") % {"choices": ", ".join(KINDS[name].open_to)}
    return "" if how in KINDS[name].open_to else _("This is always told on the site.")


def forget(user: User) -> None:
    """With his account goes what he was told: reasons and figures are about him. Inner."""
    NoticeChoice.objects.filter(user=user).delete()
    Notice.objects.filter(user=user).delete()
