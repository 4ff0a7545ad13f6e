"""What staff are told."""

from django.utils.translation import gettext_lazy as _

from crowd.notices.kinds.kind import Kind
from crowd.notices.states import Audience

KINDS = [
    Kind(
        name="ticket_opened",
        audience=Audience.STAFF,
        must=True,
        label=_("Somebody asks for help"),
        title=_("Help is asked for: %(subject)s"),
        text="%(text)s",
        mail=False,
    ),
    Kind(
        name="complaint_made",
        audience=Audience.STAFF,
        must=True,
        label=_("Somebody reports what another wrote"),
        title=_("Something that was written is reported"),
        text=_("%(reason)s\nIt was this: %(text)s"),
        mail=False,
    ),
    Kind(
        name="floor_missing_at",
        audience=Audience.STAFF,
        label=_("A project lacks money for the pay floor"),
        title=_("What is missing for the pay floor: %(amount)s. %(project)s"),
        text=_("The project rests until its requester adds to the reserve. What workers are owed stays owed."),
        mail=False,
    ),
    Kind(
        name="site_test_reserve_used_up",
        audience=Audience.STAFF,
        label=_("What the site set aside for a paid test is used up"),
        title=_("Nothing is left to pay for a test of the site: %(name)s"),
        text=_("Whoever takes it from now on is told that his try is unpaid, until one of you sets more aside."),
        mail=False,
    ),
    Kind(
        name="appeal_to_decide",
        audience=Audience.STAFF,
        must=True,
        label=_("An appeal waits"),
        title=_("An appeal waits for a decision. %(project)s"),
        text=_("Decide it within %(days)s days; after that it is granted."),
        mail=False,
    ),
    Kind(
        name="site_block_contested",
        audience=Audience.STAFF,
        must=True,
        label=_("A block of the whole site is contested"),
        title=_("A block of the whole site is contested: %(project)s"),
        text=_("%(reason)s\nIt stays until one of you has answered."),
        mail=False,
    ),
    Kind(
        name="rejections_to_check",
        audience=Audience.STAFF,
        must=True,
        label=_("Many rejections at once wait"),
        title=_("%(count)s rejections wait: %(project)s"),
        text=_("They are %(percent)s %% of what the requester has decided there."),
        mail=False,
    ),
]
