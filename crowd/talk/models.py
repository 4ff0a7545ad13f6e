from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from crowd.assignments.models import Assignment
from crowd.projects.models import Project
from crowd.talk.states import Audience, Category, Side, TicketState
from workers.models import Worker


class Thread(models.Model):
    """What one worker and the requester write each other about one project. Its row is the lock of all that is in it.

    Unread counts are the sides': what one member of an organisation has read, the organisation has read.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="threads", db_index=False)
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="threads", db_index=False)
    last_id = models.BigIntegerField(default=0)  # the newest message: lists are in this order
    worker_unread = models.IntegerField(default=0)
    requester_unread = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "worker"], name="talk_thread_once"),
            models.CheckConstraint(
                condition=Q(worker_unread__gte=0, requester_unread__gte=0), name="talk_thread_unread"
            ),
        ]
        indexes = [
            models.Index(fields=["project", "-last_id"], name="talk_thread_project"),
            models.Index(fields=["worker", "-last_id"], name="talk_thread_worker"),
            models.Index(fields=["worker"], condition=Q(worker_unread__gt=0), name="talk_thread_new_w"),
            models.Index(fields=["project"], condition=Q(requester_unread__gt=0), name="talk_thread_new_r"),
        ]

    def __str__(self) -> str:
        return f"thread {self.pk} about project {self.project_id}"


class Message(models.Model):
    """Never changed; staff may hide it, with a reason, and then nobody else reads it."""

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="messages", db_index=False)
    side = models.CharField(max_length=10, choices=Side)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=64)  # of the page it was sent from: a page that is sent twice is one message
    text = models.TextField()
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, null=True, related_name="+")  # it is about
    sent_at = models.DateTimeField()
    hidden_at = models.DateTimeField(null=True)
    hidden_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    hidden_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["author", "key"], name="talk_message_once"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="talk_message_side"),
            models.CheckConstraint(condition=~Q(text=""), name="talk_message_text"),
            models.CheckConstraint(
                condition=Q(hidden_at=None, hidden_by=None, hidden_reason="")
                | Q(hidden_at__isnull=False, hidden_by__isnull=False) & ~Q(hidden_reason=""),
                name="talk_message_hidden",
            ),
        ]
        indexes = [
            models.Index(fields=["thread", "-id"], name="talk_message_thread"),
            models.Index(fields=["author", "sent_at"], name="talk_message_rate"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class Mute(models.Model):
    """One side ended a thread: the other can send nothing there until it is lifted."""

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="mutes")
    side = models.CharField(max_length=10, choices=Side)  # that wants to hear no more
    reason = models.TextField()  # a requester's is read by the worker; a worker's by staff only
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["thread", "side"], condition=Q(lifted_at=None), name="talk_mute_once"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="talk_mute_side"),
        ]

    def __str__(self) -> str:
        return f"thread {self.thread_id} muted by the {self.side}"


class Ticket(models.Model):
    """Somebody asks staff for help. `page`, `project` and `assignment`: where he was, as far as he wanted it told."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="tickets", db_index=False)
    category = models.CharField(max_length=10, choices=Category)
    subject = models.CharField(max_length=150)
    state = models.CharField(max_length=10, choices=TicketState, default=TicketState.OPEN)
    page = models.CharField(max_length=300, blank=True)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, related_name="+")
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    promised_at = models.DateTimeField()  # by when what was written last is answered
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=TicketState.values), name="talk_ticket_state"),
            models.CheckConstraint(condition=Q(category__in=Category.values), name="talk_ticket_category"),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) | ~Q(state="closed") & Q(closed_at=None),
                name="talk_ticket_closed",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="talk_ticket_user"),
            models.Index(fields=["promised_at", "id"], condition=Q(state="open"), name="talk_ticket_open"),
        ]

    def __str__(self) -> str:
        return f"ticket {self.pk}"


class Reply(models.Model):
    """What was written about a ticket, the question itself first."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="replies")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    by_staff = models.BooleanField()
    key = models.CharField(max_length=64)
    text = models.TextField()
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author", "key"], name="talk_reply_once")]
        indexes = [models.Index(fields=["author", "sent_at"], name="talk_reply_rate")]

    def __str__(self) -> str:
        return f"reply {self.pk} to ticket {self.ticket_id}"


class Announcement(models.Model):
    """Something that staff say to many, or a requester to the workers of his project. Shown until dismissed or over."""

    audience = models.CharField(max_length=10, choices=Audience)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, related_name="announcements")
    title = models.CharField(max_length=150)
    text = models.TextField()
    key = models.CharField(max_length=64)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["made_by", "key"], name="talk_announcement_once"),
            models.CheckConstraint(
                condition=Q(audience="project", project__isnull=False)
                | Q(audience__in=["all", "workers", "requesters"], project=None),
                name="talk_announcement_audience",
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="talk_announcement_period"),
        ]
        indexes = [models.Index(fields=["ends_at"], condition=Q(withdrawn_at=None), name="talk_announcement_now")]

    def __str__(self) -> str:
        return f"announcement {self.pk}"


class Dismissal(models.Model):
    """Somebody has seen an announcement and wants it out of his bar."""

    announcement = models.ForeignKey(Announcement, on_delete=models.PROTECT, related_name="dismissals", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["announcement", "user"], name="talk_dismissal_once")]

    def __str__(self) -> str:
        return f"announcement {self.announcement_id} dismissed by user {self.user_id}"


class Handle(models.Model):
    """The name that a worker chose for the board. No requester knows it."""

    worker = models.OneToOneField(Worker, on_delete=models.PROTECT, related_name="handle")
    name = models.CharField(max_length=30)
    chosen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="talk_handle_name")]

    def __str__(self) -> str:
        return self.name


class Topic(models.Model):
    """What workers talk about on their board. Hidden with its first post."""

    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="+", db_index=False)
    title = models.CharField(max_length=150)
    begun_at = models.DateTimeField()
    last_id = models.BigIntegerField(default=0)  # the newest post: the list is in this order
    posts = models.IntegerField(default=0)
    hidden_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-last_id"], condition=Q(hidden_at=None), name="talk_topic_last"),
            models.Index(fields=["worker", "begun_at"], name="talk_topic_rate"),
            GinIndex(SearchVector("title", config="simple"), name="talk_topic_words"),
        ]

    def __str__(self) -> str:
        return f"topic {self.pk}"


class Post(models.Model):
    """One contribution to a topic. Its writer may change it for a quarter of an hour; staff may hide it for good."""

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="all_posts", db_index=False)
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="+", db_index=False)
    text = models.TextField()
    key = models.CharField(max_length=64)
    posted_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    hidden_at = models.DateTimeField(null=True)
    hidden_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    hidden_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["worker", "key"], name="talk_post_once"),
            models.CheckConstraint(condition=~Q(text=""), name="talk_post_text"),
            models.CheckConstraint(
                condition=Q(hidden_at=None, hidden_by=None, hidden_reason="")
                | Q(hidden_at__isnull=False, hidden_by__isnull=False) & ~Q(hidden_reason=""),
                name="talk_post_hidden",
            ),
        ]
        indexes = [
            models.Index(fields=["topic", "id"], name="talk_post_topic"),
            models.Index(fields=["worker", "posted_at"], name="talk_post_rate"),
            GinIndex(SearchVector("text", config="simple"), name="talk_post_words"),
        ]

    def __str__(self) -> str:
        return f"post {self.pk}"


class Complaint(models.Model):
    """Somebody says to staff that what another wrote should not be. What it said then is kept beside it."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, null=True, related_name="complaints", db_index=False)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, related_name="complaints", db_index=False)
    text_then = models.TextField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    made_at = models.DateTimeField(db_default=Now())
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    handled_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True)  # whoever complained reads it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "made_by"], name="talk_complaint_message_once"),
            models.UniqueConstraint(fields=["post", "made_by"], name="talk_complaint_post_once"),
            models.CheckConstraint(
                condition=Q(message=None, post__isnull=False) | Q(message__isnull=False, post=None),
                name="talk_complaint_about_one",
            ),
            models.CheckConstraint(
                condition=Q(handled_at=None, handled_by=None, outcome="")
                | Q(handled_at__isnull=False, handled_by__isnull=False) & ~Q(outcome=""),
                name="talk_complaint_handled",
            ),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(handled_at=None), name="talk_complaint_open")]

    def __str__(self) -> str:
        return f"complaint {self.pk}"
