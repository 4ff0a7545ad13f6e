"""What everybody is told, whatever he does here."""

from django.utils.translation import gettext_lazy as _

from crowd.notices.kinds.kind import Kind
from crowd.notices.states import Audience

KINDS = [
    Kind(
        name="writing_hidden",
        audience=Audience.ANYBODY,
        must=True,
        label=_("Staff hide something that I wrote"),
        title=_("Staff have hidden something that you wrote"),
        text=_("%(reason)s\nIt was this: %(text)s"),
    ),
    Kind(
        name="complaint_answered",
        audience=Audience.ANYBODY,
        label=_("Something that I reported is handled"),
        title=_("What you reported has been looked at"),
        text="%(reason)s",
        mail=False,
    ),
    Kind(
        name="ticket_answered",
        audience=Audience.ANYBODY,
        must=True,
        label=_("Staff answer what I asked"),
        title=_("Staff have answered you: %(subject)s"),
        text="%(text)s",
    ),
]
