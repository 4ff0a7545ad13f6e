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
        # Paused at once where staff look first (ReviewState).
        ProjectState.DRAFT: [ProjectState.OPEN, ProjectState.PAUSED, ProjectState.CLOSED],
        ProjectState.OPEN: [ProjectState.PAUSED, ProjectState.CLOSING],
        ProjectState.PAUSED: [ProjectState.OPEN, ProjectState.CLOSING],
        ProjectState.CLOSING: [ProjectState.CLOSED],
    }
)


class ReviewState(TextChoices):
    """Staff look at a project. While one waits or was refused, the project stays paused."""

    WAITING = "waiting", _("waits for staff")
    PASSED = "passed", _("passed")
    REFUSED = "refused", _("not passed")


REVIEW = Transitions(
    {
        ReviewState.WAITING: [ReviewState.PASSED, ReviewState.REFUSED],
        ReviewState.REFUSED: [ReviewState.WAITING, ReviewState.PASSED],  # the requester mended it; staff thought again
    }
)


class ReviewCause(TextChoices):
    FIRST = "first", _("the first public project of its organisation")
    REPORTS = "reports", _("reports from workers")
    STAFF = "staff", _("staff stopped it")


class ReportKind(TextChoices):
    """What a worker says is wrong with a project."""

    PERSONAL = "personal", _("It asks for personal data, or for my account somewhere else")
    HARMFUL = "harmful", _("It shows disturbing or unlawful content without a warning")
    DISHONEST = "dishonest", _("It asks for something dishonest, such as false reviews")
    UNFAIR = "unfair", _("Good work is rejected, or the task cannot be done as asked")
    BROKEN = "broken", _("It does not work")
    OTHER = "other", _("Something else")


class TaskState(TextChoices):
    LIVE = "live", _("live")
    REVIEW = "review", _("with the requester")  # taken out of the ring, to be decided
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
