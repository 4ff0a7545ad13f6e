"""Forms of a worker's money."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crowd.kernel import money
from crowd.kernel.errors import BadInput
from crowd.web.choices import countries
from crowd.web.forms import PageForm

ONLY_BANK = _("For a bank transfer.")


class ProfileForm(PageForm):
    """All rules are the service's (workers.payout_fields); this form only asks."""

    legal_name = forms.CharField(
        label=_("Name as on your account or identity card"), widget=forms.TextInput({"autocomplete": "name"})
    )
    address = forms.CharField(label=_("Address"), widget=forms.Textarea({"rows": 3, "autocomplete": "street-address"}))
    country = forms.ChoiceField(label=_("Country"))
    date_of_birth = forms.CharField(
        label=_("Date of birth"),
        help_text=_("For example 1990-12-31"),
        widget=forms.TextInput({"autocomplete": "bday", "class": "short"}),
    )
    method = forms.ChoiceField(
        label=_("How to pay you"),
        choices=[("bank_transfer", _("Bank transfer")), ("paypal", _("PayPal"))],
        widget=forms.RadioSelect,
    )
    iban = forms.CharField(label=_("IBAN"), required=False, help_text=ONLY_BANK)
    account_number = forms.CharField(label=_("Account number"), required=False, help_text=_("Where there is no IBAN."))
    bank_code = forms.CharField(label=_("Bank code (BIC, routing number, sort code)"), required=False)
    email = forms.CharField(label=_("PayPal address"), required=False, help_text=_("For PayPal."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = countries(blank=True)  # type: ignore[attr-defined]

    def told(self) -> dict[str, str]:
        return {name: str(value) for name, value in self.cleaned_data.items() if value}


class PayoutForm(PageForm):
    amount = forms.CharField(
        label=_("Amount"),
        required=False,
        help_text=_("Leave it empty for as much as possible."),
        widget=forms.TextInput({"inputmode": "decimal", "class": "short"}),
    )

    def clean_amount(self) -> int | None:
        """Micros; None: as much as can be."""
        text = str(self.cleaned_data["amount"]).strip().replace(",", ".")
        try:
            return money.parse(text) if text else None
        except BadInput as error:
            raise forms.ValidationError(str(error.message)) from error
