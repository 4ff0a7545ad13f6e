"""What a reader does with his notices: marks them, chooses what comes by e-mail, and takes them along when he goes."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotFound
from crowd.notices.kinds import KINDS
from crowd.notices.models import MailChoice, Notice
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


def choose_mail(*, user: User, choices: Mapping[str, bool]) -> None:
    """Which kinds come by e-mail; kinds that are not named stay as they are. Raises BadInput for an unknown kind."""
    unknown = {name: _("There is no such kind of notice.") for name in choices if name not in KINDS}
    if unknown:
        raise BadInput(errors=unknown)
    with transaction.atomic(durable=True):
        for name, mail in sorted(choices.items()):
            MailChoice.objects.update_or_create(user=user, kind=name, defaults={"mail": mail})


def forget(user: User) -> None:
    """With his account goes what he was told: reasons and figures are about him. Inner."""
    MailChoice.objects.filter(user=user).delete()
    Notice.objects.filter(user=user).delete()
