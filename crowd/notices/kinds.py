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
from crowd.notices.states import Audience

Words = str | Promise


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`label` names the kind in the settings; `title` says what happened, `text` why, and what now."""

    name: str
    audience: Audience
    label: Words
    title: Words
    text: Words
    mail: bool = True  # unless the reader chose otherwise

    def title_of(self, data: Mapping[str, Any]) -> str:
        """In the language of the moment. Raises KeyError when the data lacks something that the words name."""
        return str(self.title % _shown(data))

    def text_of(self, data: Mapping[str, Any]) -> str:
        return str(self.text % _shown(data))


WORK = [
    Kind(
        name="answers_rejected",
        audience=Audience.WORKER,
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
        label=_("A rejection is overturned"),
        title=_("A rejection was overturned and you are paid: %(project)s"),
        text="%(reason)s",
    ),
    Kind(
        name="paused",
        audience=Audience.WORKER,
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
        label=_("I am blocked on this site"),
        title=_("You are blocked on this site"),
        text=_("%(reason)s\nWhat you have earned stays yours. You can contest this from your record."),
    ),
    Kind(
        name="blocked_by_organisation",
        audience=Audience.WORKER,
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
        name="payout_paid",
        audience=Audience.WORKER,
        label=_("A payout was sent"),
        title=_("Your payout of %(amount)s was sent"),
        text=_("It is on its way to your account."),
    ),
    Kind(
        name="payout_failed",
        audience=Audience.WORKER,
        label=_("A payout failed"),
        title=_("Your payout of %(amount)s did not arrive"),
        text=_("%(reason)s\nThe money is back in your earnings. Check your payout details, then ask again."),
    ),
]

GOLD = [
    Kind(
        name="gold_contested",
        audience=Audience.REQUESTER,
        label=_("A worker contests a known answer of mine"),
        title=_("A worker contests a known answer: %(project)s"),
        text=_("%(text)s\nCorrect the key, and what it caused is put right; or say why it stays."),
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
        label=_("A qualification is taken back from me"),
        title=_("A qualification was taken back from you: %(name)s"),
        text="%(reason)s",
    ),
    Kind(
        name="qualification_refused",
        audience=Audience.WORKER,
        label=_("A qualification that I asked for is refused"),
        title=_("You were not given a qualification: %(name)s"),
        text="%(reason)s",
    ),
]

RULES = [
    Kind(
        name="rule_told",
        audience=Audience.WORKER,
        label=_("A rule of a project found something in my answers"),
        title=_("A word about your answers: %(project)s"),
        text="%(reason)s",
    ),
    Kind(
        name="contest_answered",
        audience=Audience.WORKER,
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
        label=_("A worker contests what a rule did"),
        title=_("A worker contests what a rule did: %(project)s"),
        text=_("%(reason)s\nWithout an answer within %(days)s days it is taken back."),
    ),
]

KINDS: dict[str, Kind] = {kind.name: kind for kind in [*WORK, *GOLD, *QUALIFICATIONS, *RULES]}


def _shown(data: Mapping[str, Any]) -> dict[str, Any]:
    amounts = {
        name.removesuffix("_micros"): money.text(value, data["currency"])
        for name, value in data.items()
        if name.endswith("_micros")
    }
    return dict(data) | amounts
