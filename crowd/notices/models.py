from django.conf import settings
from django.db import models
from django.db.models import Q

from crowd.notices.states import How, LetterState


class Letter(models.Model):
    """One e-mail with some notices of one person. What is in it is settled before it is sent, and stays."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=LetterState, default=LetterState.DUE)
    created_at = models.DateTimeField()
    tries = models.SmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)  # what the mail server said last

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(state__in=LetterState.values), name="notices_letter_state")]
        indexes = [models.Index(fields=["next_try_at"], condition=Q(state="due"), name="notices_letter_due")]


class Notice(models.Model):
    """Something that a person is told: what happened, why, what now. Its words are made when it is read."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices", db_index=False)
    kind = models.CharField(max_length=40)  # crowd.notices.kinds
    data = models.JSONField(default=dict)  # the figures and reasons in its text
    link = models.CharField(max_length=300)  # where more is: a path of this site
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mail = models.BooleanField()  # by e-mail too, as he had chosen at that moment
    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, null=True, related_name="notices")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(mail=True) | Q(letter=None), name="notices_letter_wanted"),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="notices_of_user"),
            models.Index(fields=["user"], condition=Q(read_at=None), name="notices_unread"),
            models.Index(fields=["created_at"], condition=Q(mail=True, letter=None), name="notices_to_mail"),
        ]


class NoticeChoice(models.Model):
    """How a person wants to be told of a kind, where it is not as usual."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=40)
    how = models.CharField(max_length=10, choices=How, default=How.SITE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="notices_choice_once"),
            models.CheckConstraint(condition=Q(how__in=How.values), name="notices_choice_how"),
        ]
