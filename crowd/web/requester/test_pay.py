"""What an organisation's own test pays, and the money that is set aside for it: a part of the qualification's page."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.kernel import money
from crowd.web.forms import Keyed, PageForm
from crowd.web.requester.money_field import MoneyField
from crowd.web.requester.pages import person
from qualifications.models import Qualification, TestPay
from qualifications.services import test_pay

SHORT = {"class": "short"}


class TestPayForm(Keyed):
    reward = MoneyField(
        label=gettext_lazy("A try pays"),
        widget=forms.TextInput(attrs=SHORT),
        help_text=gettext_lazy(
            "Once a worker, passed or not, when it is handed in; the site's fee comes on top. 0 pays nothing."
        ),
    )
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), widget=forms.Select(attrs=SHORT))
    add = MoneyField(
        label=gettext_lazy("Set aside now"),
        required=False,
        widget=forms.TextInput(attrs=SHORT),
        help_text=gettext_lazy("Out of your available money. Once it is used up, further tries are told to be unpaid."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["currency"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, code) for code in money.currencies()]


def pay_form(one: Qualification, request: HttpRequest | None) -> TestPayForm:
    there = pay_of(one)
    initial = {"reward": there.reward_micros, "currency": there.currency} if there else {}
    return TestPayForm(request and request.POST, prefix="pay", initial=initial)


def back_form(_one: Qualification, request: HttpRequest | None) -> PageForm:
    return PageForm(request and request.POST, prefix="pay_back")


def pay_of(one: Qualification) -> TestPay | None:
    return TestPay.objects.filter(qualification=one).first()


def say_pay(request: HttpRequest, one: Qualification, form: forms.Form) -> bool:
    given = form.cleaned_data
    test_pay.set_pay(
        actor=person(request),
        qualification_id=one.pk,
        currency=given["currency"],
        reward_micros=given["reward"],
        add_micros=given["add"] or 0,
        key=given["key"],
    )
    messages.success(request, _("Saved. Who is at the test now is paid what he was promised."))
    return True


def take_back(request: HttpRequest, one: Qualification, _form: forms.Form) -> bool:
    test_pay.take_back(actor=person(request), qualification_id=one.pk)
    messages.success(request, _("What was promised to nobody is available again."))
    return True
