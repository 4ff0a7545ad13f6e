"""What members of an organisation are told about its projects."""

from django.utils.translation import gettext_lazy as _

from crowd.notices.kinds.kind import Kind
from crowd.notices.states import Audience

KINDS = [
    Kind(
        name="gold_flagged",
        audience=Audience.REQUESTER,
        label=_("Known answers of mine look wrong or passed on"),
        title=_("Known answers need a look: %(project)s"),
        text=_(
            "By what accurate workers say, %(doubtful)s of them look wrong; %(leaked)s look passed on. "
            "Correct or retire a key, and what it caused is put right; nothing changes until you do."
        ),
    ),
    Kind(
        name="gold_contested",
        audience=Audience.REQUESTER,
        must=True,
        label=_("A worker contests a known answer of mine"),
        title=_("A worker contests a known answer: %(project)s"),
        text=_("%(text)s\nCorrect the key, and what it caused is put right; or say why it stays."),
    ),
    Kind(
        name="tier_reserve_used_up",
        audience=Audience.REQUESTER,
        label=_("What I set aside for specialists is used up"),
        title=_("Nothing is left for “%(tier)s”: %(project)s"),
        text=_("Tasks that should go there stay where they are until you raise what is set aside for it."),
    ),
    Kind(
        name="test_reserve_used_up",
        audience=Audience.REQUESTER,
        label=_("What I set aside for a paid test is used up"),
        title=_("Nothing is left to pay for the test: %(name)s"),
        text=_("Whoever takes it from now on is told that his try is unpaid, until you set more aside."),
    ),
    Kind(
        name="question_asked",
        audience=Audience.REQUESTER,
        label=_("A worker asks about the guidelines"),
        title=_("A question about your guidelines: %(project)s"),
        text="%(text)s",
    ),
    Kind(
        name="rule_proposes",
        audience=Audience.REQUESTER,
        label=_("A rule proposes something that I decide"),
        title=_("A rule proposes something for you to decide: %(project)s"),
        text="%(reason)s",
        mail=False,
    ),
    Kind(
        name="rule_contested",
        audience=Audience.REQUESTER,
        must=True,
        label=_("A worker contests what a rule did"),
        title=_("A worker contests what a rule did: %(project)s"),
        text=_("%(reason)s\nWithout an answer within %(days)s days it is taken back."),
    ),
    Kind(
        name="message_from_worker",
        audience=Audience.REQUESTER,
        label=_("A worker writes to us"),
        title=_("A message from a worker: %(project)s"),
        text="%(text)s",
    ),
    Kind(
        name="floor_missing",
        audience=Audience.REQUESTER,
        label=_("The reserve for the pay floor is used up"),
        title=_("What is missing for the pay floor: %(amount)s. %(project)s"),
        text=_(
            "Workers took longer than expected and are owed more than the reserve holds. No new tasks are given out "
            "until you add to it; then they are paid at once."
        ),
    ),
    Kind(
        name="appeal_opened",
        audience=Audience.REQUESTER,
        must=True,
        label=_("A worker appeals"),
        title=_("A worker appeals: %(project)s"),
        text=_(
            "Staff decide within %(days)s days; undecided, it is granted. You can give in before: then it ends at once."
        ),
    ),
    Kind(
        name="requester_appeal_granted",
        audience=Audience.REQUESTER,
        label=_("An appeal is granted"),
        title=_("A worker's appeal was granted: %(project)s"),
        text=_("%(reason)s\nIt counts in your record."),
    ),
    Kind(
        name="requester_appeal_upheld",
        audience=Audience.REQUESTER,
        label=_("An appeal is not granted"),
        title=_("A worker's appeal was not granted: %(project)s"),
        text="%(reason)s",
        mail=False,
    ),
    Kind(
        name="rejections_held",
        audience=Audience.REQUESTER,
        must=True,
        label=_("Rejections wait for staff"),
        title=_("%(count)s rejections wait for staff: %(project)s"),
        text=_(
            "They are %(percent)s %% of what you have decided there. Staff look at them before they count; "
            "answers whose time to decide ends meanwhile are accepted."
        ),
    ),
    Kind(
        name="rejections_passed",
        audience=Audience.REQUESTER,
        label=_("Staff let rejections pass"),
        title=_("Your rejections are carried out: %(project)s"),
        text=_("%(count)s answers are rejected. %(reason)s"),
    ),
    Kind(
        name="rejections_refused",
        audience=Audience.REQUESTER,
        must=True,
        label=_("Staff do not let rejections pass"),
        title=_("Your rejections are not carried out: %(project)s"),
        text=_(
            "%(reason)s\nThe answers are as they were: accept them, or reject single ones with evidence of their own."
        ),
    ),
]
