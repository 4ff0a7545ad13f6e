"""The workers' board: topics and replies under a handle of one's own, moderated by staff."""

import re
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, Conflict, NotAllowed, NotFound
from crowd.notices.services.notify import notify
from crowd.talk import access, writing
from crowd.talk.errors import HandleTaken
from crowd.talk.models import Handle, Post, Topic
from crowd.users.access import require_staff
from crowd.users.models import User
from crowd.users.services import audit
from workers.models import Worker

MAX_TITLE = 150
EDITABLE = timedelta(minutes=15)
HANDLE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{2,29}$")
RESERVED = ("staff", "admin", "moderator", "support", "deleted", "system")
RENAMED_AFTER = timedelta(days=30)
MOST_TOPICS_A_DAY = 5
MOST_IN_HOUR = 30


def choose_handle(*, worker: Worker, name: str) -> Handle:
    """Under which others know him on the board; changed once in 30 days. Raises NotAllowed, BadInput, Conflict."""
    access.check_board(worker)
    _check_handle(name)
    with transaction.atomic(durable=True):
        writing.lock_author(worker.user)
        now, mine = clock.now(), Handle.objects.filter(worker=worker).first()
        if mine is not None and mine.name == name:
            return mine
        if mine is not None and mine.chosen_at > now - RENAMED_AFTER:
            raise Conflict(_("A handle can be changed once in %(days)d days.") % {"days": RENAMED_AFTER.days})
        try:
            with transaction.atomic():
                changed = {"name": name, "chosen_at": now}
                return Handle.objects.update_or_create(worker=worker, defaults=changed)[0]
        except IntegrityError as error:
            raise HandleTaken(errors={"name": _("Somebody else has this name.")}) from error


def begin(*, worker: Worker, title: str, text: str, key: str = "") -> Topic:
    """A new topic with its first post. Raises NotAllowed, BadInput, SentAlready, TooMany."""
    given = writing.cleaned(title=(title, MAX_TITLE), text=(text, writing.MAX_TEXT))
    with transaction.atomic(durable=True):
        before, now, key = _ready(worker, given["text"], key)
        if before is not None:
            return before.topic
        topics = Topic.objects.filter(worker=worker)
        writing.check_rate(topics, most=MOST_TOPICS_A_DAY, now=now, at="begun_at", within=timedelta(days=1))
        topic = Topic.objects.create(worker=worker, title=given["title"], begun_at=now)
        _post(topic, worker, given["text"], key, now)
    return topic


def reply(*, worker: Worker, topic_id: int, text: str, key: str = "") -> Post:
    """Whoever began the topic is told.

    Raises NotAllowed, NotFound, Conflict (it is hidden), BadInput, SentAlready, TooMany.
    """
    text = writing.cleaned(text=(text, writing.MAX_TEXT))["text"]
    with transaction.atomic(durable=True):
        before, now, key = _ready(worker, text, key)
        if before is not None:
            return before
        topic = Topic.objects.select_for_update(no_key=True).select_related("worker").filter(pk=topic_id).first()
        if topic is None:
            raise NotFound
        if topic.hidden_at is not None:
            raise Conflict(_("Staff have hidden this topic."))
        made = _post(topic, worker, text, key, now)
        if topic.worker_id != worker.pk:
            data, link = {"title": topic.title}, f"/work/board/{topic.pk}/"
            notify(user_id=topic.worker.user_id, kind="board_reply", data=data, link=link, now=now)
    return made


def edit(*, worker: Worker, post_id: int, text: str) -> Post:
    """One's own, within a quarter of an hour. Raises NotAllowed, NotFound, Conflict, BadInput."""
    access.check_board(worker)
    text = writing.cleaned(text=(text, writing.MAX_TEXT))["text"]
    with transaction.atomic(durable=True):
        post = Post.objects.select_for_update(no_key=True).filter(pk=post_id, worker=worker).first()
        if post is None:
            raise NotFound
        now = clock.now()
        if post.hidden_at is not None or post.posted_at < now - EDITABLE:
            raise Conflict(_("A post can be changed for a quarter of an hour, unless staff have hidden it."))
        post.text, post.edited_at = text, now
        post.save(update_fields=["text", "edited_at"])
    return post


def hide(*, actor: User, post_id: int, reason: str) -> Post:
    """By staff, with a reason that all read; with the first post the whole topic. Again: nothing happens.

    Raises NotAllowed, NotFound, BadInput.
    """
    require_staff(actor)
    reason = writing.cleaned(reason=(reason, writing.MAX_REASON))["reason"]
    with transaction.atomic(durable=True):
        return hide_post(actor=actor, post_id=post_id, reason=reason, now=clock.now())


def hide_post(*, actor: User, post_id: int, reason: str, now: datetime) -> Post:
    """Inner: the caller has made sure that the actor may."""
    post = Post.objects.select_for_update(no_key=True).filter(pk=post_id).first()
    if post is None:
        raise NotFound
    if post.hidden_at is not None:
        return post
    post.hidden_at, post.hidden_by, post.hidden_reason = now, actor, reason
    post.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])
    if not Post.objects.filter(topic=post.topic_id, pk__lt=post.pk).exists():
        Topic.objects.filter(pk=post.topic_id).update(hidden_at=now)
    audit.record(actor=actor, action="talk.hide", subject=post, reason=reason, now=now)
    data = {"text": post.text[:200], "reason": reason}
    notify(user_id=post.worker.user_id, kind="writing_hidden", data=data, link="/notices/", now=now)
    return post


def _ready(worker: Worker, text: str, key: str) -> tuple[Post | None, datetime, str]:
    """What the same page posted already, the time, the key. Raises NotAllowed without standing or handle, TooMany."""
    access.check_board(worker)
    key, now = writing.key_of(key), clock.now()
    writing.lock_author(worker.user)
    if (before := writing.sent_before(_mine(worker), key=key, text=text)) is not None:
        return before, now, key
    if not Handle.objects.filter(worker=worker).exists():
        raise NotAllowed(_("Choose a handle first, under which others know you here."))
    writing.check_rate(_mine(worker), most=MOST_IN_HOUR, now=now, at="posted_at")
    return None, now, key


def _mine(worker: Worker) -> QuerySet[Post]:
    return Post.objects.filter(worker=worker).select_related("topic")


def _post(topic: Topic, worker: Worker, text: str, key: str, now: datetime) -> Post:
    made = Post.objects.create(topic=topic, worker=worker, text=text, key=key, posted_at=now)
    Topic.objects.filter(pk=topic.pk).update(last_id=made.pk, posts=F("posts") + 1)
    return made


def _check_handle(name: str) -> None:
    site = re.sub(r"\W", "", settings.CROWD_SITE_NAME).lower()
    if not HANDLE.match(name):
        raise BadInput(errors={"name": _("3 to 30 letters, digits, - or _; a letter or digit first.")})
    if any(word in name.lower() for word in (*RESERVED, site) if word):
        raise BadInput(errors={"name": _("This name could be taken for the site's.")})
