"""What becomes of a person's words when he has his account deleted."""

from crowd.talk.models import Complaint, Dismissal, Handle, Mute, Reply, Ticket
from crowd.talk.states import Side
from crowd.users.models import User


def forget(user: User) -> None:
    """What others were told stays, as a deleted user's; what only staff read of him goes. Inner."""
    Mute.objects.filter(made_by=user, side=Side.WORKER).update(reason="")
    Complaint.objects.filter(made_by=user).update(reason="")
    Reply.objects.filter(ticket__user=user).delete()
    Ticket.objects.filter(user=user).delete()
    Handle.objects.filter(worker__user=user).delete()
    Dismissal.objects.filter(user=user).delete()
