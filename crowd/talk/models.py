from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from crowd.assignments.models import Assignment
from crowd.projects.models import Project
from crowd.talk.states import Category, Side, TicketState
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


class Complaint(models.Model):
    """Somebody says to staff that what another wrote should not be. What it said then is kept beside it."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="complaints")
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
            models.CheckConstraint(
                condition=Q(handled_at=None, handled_by=None, outcome="")
                | Q(handled_at__isnull=False, handled_by__isnull=False) & ~Q(outcome=""),
                name="talk_complaint_handled",
            ),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(handled_at=None), name="talk_complaint_open")]

    def __str__(self) -> str:
        return f"complaint {self.pk}"


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
