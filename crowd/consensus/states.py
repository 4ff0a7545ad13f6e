from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from crowd.kernel.transitions import Transitions


class RunState(TextChoices):
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


RUN = Transitions({RunState.RUNNING: [RunState.DONE, RunState.FAILED]})


class ProposalState(TextChoices):
    """A proposed rejection waits for a person; silence pays."""

    OPEN = "open", _("waits for a person")
    REJECTED = "rejected", _("rejected")
    DISMISSED = "dismissed", _("dismissed")
    LAPSED = "lapsed", _("lapsed")


PROPOSAL = Transitions(
    {
        ProposalState.OPEN: [ProposalState.REJECTED, ProposalState.DISMISSED, ProposalState.LAPSED],
    }
)


class ExportState(TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("being written")
    DONE = "done", _("ready")
    FAILED = "failed", _("failed")
    DELETED = "deleted", _("deleted")


EXPORT = Transitions(
    {
        ExportState.WAITING: [ExportState.RUNNING],
        # Back to waiting when its runner fell silent.
        ExportState.RUNNING: [ExportState.DONE, ExportState.FAILED, ExportState.WAITING],
        ExportState.DONE: [ExportState.DELETED],
    }
)
