"""What a test of the site pays, out of the site's own money: a part of its qualification's page."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crowd.kernel import money
from crowd.ledger import queries
from crowd.ledger.models import Account
from crowd.ledger.states import Holder, Purpose
from crowd.users.models import User
from crowd.web.staff import forms
from crowd.web.staff.kit import Act, amount, format_html, link
from crowd.web.templatetags.crowd_web import money_filter
from qualifications.models import Qualification, TestPay
from qualifications.services import test_pay


def facts(one: Qualification) -> list[tuple[str, Any]]:
    """What it pays, and what the site has left to pay with, where staff see what they decide about."""
    there = TestPay.objects.filter(qualification=one).first()
    left = [(_("The site's own money"), each) for each in _purses()]
    if there is None:
        return [(_("A try pays"), _("nothing")), *left]
    tries = ngettext("for %(n)s further try", "for %(n)s further tries", there.tries) % {"n": there.tries}
    return [
        (_("A try pays"), amount(there.reward_micros, there.currency)),
        (_("Set aside"), format_html("{} {}", amount(there.reserve_micros, there.currency), tries)),
        *left,
    ]


def acts(one: Qualification, actor: User) -> list[Act]:
    there = TestPay.objects.filter(qualification=one).first()
    where: dict[str, Any] = {"actor": actor, "qualification_id": one.pk}
    paying = Act(
        "pay",
        _("Pay for its test"),
        _("Out of the site's own money, which a correction moves to “the platform, available”."),
        forms.TestPay,
        lambda add_micros, **given: test_pay.set_pay(**where, **given, add_micros=add_micros or 0),
        _("Saved. Who is at the test now is paid what he was promised."),
        kind="",
        initial={"reward_micros": f"{money.decimal(there.reward_micros):f}", "currency": there.currency}
        if there
        else {},
    )
    return [paying, *([_back(there, where)] if there and there.reserve_micros else [])]


def _back(there: TestPay, where: dict[str, Any]) -> Act:
    return Act(
        "pay-back",
        _("Take back %(rest)s") % {"rest": money_filter(there.reserve_micros, there.currency)},
        _("What is promised to nobody is the site's own again."),
        forms.Sure,
        lambda: test_pay.take_back(**where),
        _("What was promised to nobody is available again."),
        kind="",
    )


def _purses() -> list[Any]:
    found = Account.objects.filter(holder=Holder.PLATFORM, purpose=Purpose.AVAILABLE).order_by("currency")
    held = queries.balances(found)
    return [
        format_html(
            "{} · {}",
            amount(held[each.pk], each.currency),
            link(_("Account %(id)s") % {"id": each.pk}, "account", account_id=each.pk),
        )
        for each in found
    ]
