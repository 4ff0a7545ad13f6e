from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from crowd.kernel.transitions import Transitions


class ProjectState(TextChoices):
    DRAFT = "draft", _("draft")
    OPEN = "open", _("open")
    PAUSED = "paused", _("paused")
    CLOSING = "closing", _("closing")  # no new work; what was taken is finished, decided and paid
    CLOSED = "closed", _("closed")


PROJECT = Transitions(
    {
        ProjectState.DRAFT: [ProjectState.OPEN, ProjectState.CLOSED],
        ProjectState.OPEN: [ProjectState.PAUSED, ProjectState.CLOSING],
        ProjectState.PAUSED: [ProjectState.OPEN, ProjectState.CLOSING],
        ProjectState.CLOSING: [ProjectState.CLOSED],
    }
)


class TaskState(TextChoices):
    LIVE = "live", _("live")
    REVIEW = "review", _("with the requester")  # taken out of the ring: reported or rejected too often
    RETIRED = "retired", _("retired")


TASK = Transitions(
    {
        TaskState.LIVE: [TaskState.REVIEW, TaskState.RETIRED],
        TaskState.REVIEW: [TaskState.LIVE, TaskState.RETIRED],
    }
)


class ImportState(TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    REFUSED = "refused", _("refused")


IMPORT = Transitions(
    {
        ImportState.WAITING: [ImportState.RUNNING, ImportState.REFUSED],
        # Back to waiting when its runner fell silent.
        ImportState.RUNNING: [ImportState.DONE, ImportState.REFUSED, ImportState.WAITING],
    }
)


class Workforce(TextChoices):
    PUBLIC = "public", _("the public crowd")
    TEAM = "team", _("a private team")


class PayPolicy(TextChoices):
    """Who is accepted before the delay ends; at its end everybody undecided is (docs/money.md)."""

    DELAY = "delay", _("everybody, when the delay ends")
    AT_ONCE = "at_once", _("everybody, once the task is complete")
    ACCURACY = "accuracy", _("workers above an accuracy, once the task is complete")
    CONSENSUS = "consensus", _("answers that agree with a sure consensus, once the task is complete")


class PersonalData(TextChoices):
    NONE = "none", _("none")
    PSEUDONYMOUS = "pseudonymous", _("pseudonymous")
    SENSITIVE = "sensitive", _("sensitive")


class Warning(TextChoices):
    """What a worker is told before he sees an item of the project."""

    VIOLENCE = "violence", _("violence")
    SEXUAL = "sexual", _("sexual content")
    HATE = "hate", _("hate and insults")
    SELF_HARM = "self_harm", _("self-harm")
    MEDICAL = "medical", _("medical images")
    OTHER = "other", _("other disturbing content")
