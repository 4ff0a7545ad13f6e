"""What people are told: every kind of notice with its words, in one table.

A kind is added by adding a row here and calling `notify` where it happens. Its words name what stands in the notice's
data (`%(project)s`); they are translated when they are read, so data holds figures, names and reasons, no sentences of
ours. A reason stands on a line of its own: it is a person's, with or without a full stop. Amounts are `"amount_micros"`
and `"currency"` in the data and `%(amount)s` in the words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from crowd.kernel import money
from crowd.notices.states import Audience, How

Words = str | Promise


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`label` names the kind in the settings; `title` says what happened, `text` why, and what now.

    must: it stands on the site whatever its reader chose, because something runs out, is owed or goes against him.
    """

    name: str
    audience: Audience
    label: Words
    title: Words
    text: Words
    mail: bool = True  # unless the reader chose otherwise
    must: bool = False

    @property
    def usual(self) -> How:
        return How.MAIL if self.mail else How.SITE

    @property
    def open_to(self) -> list[How]:
        """What its reader may choose."""
        return [How.MAIL, How.SITE] if self.must else [How.MAIL, How.SITE, How.NONE]

    def title_of(self, data: Mapping[str, Any]) -> str:
        """In the language of the moment. Raises KeyError when the data lacks something that the words name."""
        return str(self.title % _shown(data))

    def text_of(self, data: Mapping[str, Any]) -> str:
        return str(self.text % _shown(data))


WORK = [
    Kind(
        name="answers_rejected",
        audience=Audience.WORKER,
        must=True,
        label=_("Answers of mine are rejected"),
        title=ngettext_lazy(
            "%(count)d answer of yours was rejected: %(project)s",
            "%(count)d answers of yours were rejected: %(project)s",
            "count",
        ),
        text=_(
            "%(reason)s\nThe reward is held for %(days)s days, in which you can appeal. "
            "Somebody else than whoever rejected it decides."
        ),
    ),
    Kind(
        name="rejection_overturned",
        audience=Audience.WORKER,
        must=True,
        label=_("A rejection is overturned"),
        title=_("A rejection was overturned and you are paid: %(project)s"),
        text="%(reason)s",
    ),
    Kind(
        name="paused",
        audience=Audience.WORKER,
        must=True,
        label=_("I am paused on a project"),
        title=_("You are paused on a project: %(project)s"),
        text=_("%(reason)s\nIn your record you see the figures, and can contest this."),
    ),
    Kind(
        name="pause_lifted",
        audience=Audience.WORKER,
        label=_("A pause of mine ends"),
        title=_("You can work again: %(project)s"),
        text="%(reason)s",
    ),
    Kind(
        name="blocked_on_site",
        audience=Audience.WORKER,
        must=True,
        label=_("I am blocked on this site"),
        title=_("You are blocked on this site"),
        text=_("%(reason)s\nWhat you have earned stays yours. You can contest this from your record."),
    ),
    Kind(
        name="blocked_by_organisation",
        audience=Audience.WORKER,
        must=True,
        label=_("A requester blocks me"),
        title=_("%(organisation)s has blocked you for its projects"),
        text=_("%(reason)s\nWhat you have earned stays yours. You can contest this from your record."),
    ),
    Kind(
        name="block_lifted",
        audience=Audience.WORKER,
        label=_("A block of mine ends"),
        title=_("A block has ended, and you can work again"),
        text="%(reason)s",
    ),
    Kind(
        name="gold_corrected",
        audience=Audience.WORKER,
        must=True,
        label=_("A known answer that I was measured by is corrected"),
        title=_("A known answer was wrong, and your record is put right: %(project)s"),
        text=_("%(reason)s\nNow %(right)s of your %(total)s known answers there are right. Repaid to you: %(repaid)s."),
    ),
    Kind(
        name="gold_kept",
        audience=Audience.WORKER,
        label=_("A known answer that I contested stays"),
        title=_("The known answer that you contested stays: %(project)s"),
        text="%(reason)s",
        mail=False,
    ),
    Kind(
        name="named_reviewer",
        audience=Audience.WORKER,
        label=_("I am named as a reviewer"),
        title=_("You are named as a reviewer: %(project)s"),
        text=_("What waits for a review stands on your page of reviews, with what it pays."),
    ),
    Kind(
        name="sent_back",
        audience=Audience.WORKER,
        must=True,
        label=_("An answer of mine is sent back for rework"),
        title=_("A reviewer asks you to look again: %(project)s"),
        text=_(
            "%(reason)s\nAnswer once more within %(hours)s hours, for %(extra)s on top, or let your first answer "
            "stand: it is then decided as usual."
        ),
    ),
    Kind(
        name="appeal_granted",
        audience=Audience.WORKER,
        must=True,
        label=_("An appeal of mine is granted"),
        title=_("Your appeal was granted. %(project)s"),
        text=_("%(reason)s\nA rejected answer is paid now; a pause or block has ended."),
    ),
    Kind(
        name="appeal_upheld",
        audience=Audience.WORKER,
        must=True,
        label=_("An appeal of mine is not granted"),
        title=_("Your appeal was not granted. %(project)s"),
        text=_("%(reason)s\nWhat was decided stands."),
    ),
    Kind(
        name="bonus",
        audience=Audience.WORKER,
        label=_("I am given a bonus"),
        title=_("You were given a bonus of %(amount)s: %(project)s"),
        text="%(reason)s",
    ),
    Kind(
        name="payout_paid",
        audience=Audience.WORKER,
        label=_("A payout was sent"),
        title=_("Your payout of %(amount)s was sent"),
        text=_("It is on its way to your account."),
    ),
    Kind(
        name="payout_failed",
        audience=Audience.WORKER,
        must=True,
        label=_("A payout failed"),
        title=_("Your payout of %(amount)s did not arrive"),
        text=_("%(reason)s\nThe money is back in your earnings. Check your payout details, then ask again."),
    ),
]

GOLD = [
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
]
TIERS = [
    Kind(
        name="tier_reserve_used_up",
        audience=Audience.REQUESTER,
        label=_("What I set aside for specialists is used up"),
        title=_("Nothing is left for “%(tier)s”: %(project)s"),
        text=_("Tasks that should go there stay where they are until you raise what is set aside for it."),
    ),
]
QUALIFICATIONS = [
    Kind(
        name="qualification_granted",
        audience=Audience.WORKER,
        label=_("I am granted a qualification"),
        title=_("You hold a qualification: %(name)s"),
        text=_("Its value is %(value)s. %(reason)s"),
        mail=False,
    ),
    Kind(
        name="qualification_revoked",
        audience=Audience.WORKER,
        must=True,
        label=_("A qualification is taken back from me"),
        title=_("A qualification was taken back from you: %(name)s"),
        text="%(reason)s",
    ),
    Kind(
        name="qualification_ends",
        audience=Audience.WORKER,
        must=True,
        label=_("A qualification of mine ends soon"),
        title=_("A qualification of yours ends on %(ends)s: %(name)s"),
        text=_("Renew it before, and no project that asks for it is closed to you meanwhile."),
    ),
    Kind(
        name="qualification_refused",
        audience=Audience.WORKER,
        label=_("A qualification that I asked for is refused"),
        title=_("You were not given a qualification: %(name)s"),
        text="%(reason)s",
    ),
]

GUIDANCE = [
    Kind(
        name="question_asked",
        audience=Audience.REQUESTER,
        label=_("A worker asks about the guidelines"),
        title=_("A question about your guidelines: %(project)s"),
        text="%(text)s",
    ),
    Kind(
        name="question_answered",
        audience=Audience.WORKER,
        label=_("My question about guidelines is answered"),
        title=_("Your question is answered: %(project)s"),
        text="%(answer)s",
    ),
]

RULES = [
    Kind(
        name="rule_told",
        audience=Audience.WORKER,
        must=True,
        label=_("A rule of a project found something in my answers"),
        title=_("A word about your answers: %(project)s"),
        text="%(reason)s",
    ),
    Kind(
        name="contest_answered",
        audience=Audience.WORKER,
        must=True,
        label=_("What I contested is answered"),
        title=_("What you contested is answered: %(project)s"),
        text="%(reason)s",
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
]

PROJECTS = [
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

STAFF = [
    Kind(
        name="floor_missing_at",
        audience=Audience.STAFF,
        label=_("A project lacks money for the pay floor"),
        title=_("What is missing for the pay floor: %(amount)s. %(project)s"),
        text=_("The project rests until its requester adds to the reserve. What workers are owed stays owed."),
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
        name="rejections_to_check",
        audience=Audience.STAFF,
        must=True,
        label=_("Many rejections at once wait"),
        title=_("%(count)s rejections wait: %(project)s"),
        text=_("They are %(percent)s %% of what the requester has decided there."),
        mail=False,
    ),
]

TALK = [
    Kind(
        name="message_from_requester",
        audience=Audience.WORKER,
        label=_("A requester writes to me"),
        title=_("A message from %(organisation)s: %(project)s"),
        text="%(text)s",
    ),
    Kind(
        name="muted",
        audience=Audience.WORKER,
        must=True,
        label=_("A requester takes no more messages from me"),
        title=_("%(organisation)s takes no more messages from you: %(project)s"),
        text=_("%(reason)s\nYour work and your pay are not touched by it. Staff can help you: see Help."),
    ),
    Kind(
        name="message_from_worker",
        audience=Audience.REQUESTER,
        label=_("A worker writes to us"),
        title=_("A message from a worker: %(project)s"),
        text="%(text)s",
    ),
    Kind(
        name="project_announcement",
        audience=Audience.WORKER,
        label=_("A requester announces something in a project of mine"),
        title="%(title)s: %(project)s",
        text="%(text)s",
    ),
    Kind(
        name="board_reply",
        audience=Audience.WORKER,
        label=_("Somebody replies to a topic of mine on the board"),
        title=_("A reply on the board: %(title)s"),
        text="",
        mail=False,
    ),
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
]

KINDS: dict[str, Kind] = {
    kind.name: kind for kind in [*WORK, *GOLD, *TIERS, *QUALIFICATIONS, *GUIDANCE, *RULES, *TALK, *PROJECTS, *STAFF]
}


def _shown(data: Mapping[str, Any]) -> dict[str, Any]:
    amounts = {
        name.removesuffix("_micros"): money.text(value, data["currency"])
        for name, value in data.items()
        if name.endswith("_micros")
    }
    return dict(data) | amounts
