"""What staff type in."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.kernel import money
from crowd.kernel.errors import BadInput, CrowdError
from crowd.ledger.states import Holder, Purpose
from crowd.users.models import Organisation
from crowd.web import deeds
from crowd.web.forms import Keyed, PageForm
from qualifications.states import Asking

MOST = 2_000


class Amount(forms.CharField):
    """“1,250.00” or “1250” to micros; the code of the currency stands in a field of its own."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=30, **options)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off", "class": "short"}

    def clean(self, value: Any) -> int | None:
        text = super().clean(value).replace("\u00a0", "").replace(" ", "")
        if not text:
            return None
        if "." not in text and text.count(",") == 1 and len(text.split(",")[1]) <= 2:
            text = text.replace(",", ".")
        try:
            return money.parse(text.replace(",", ""))
        except BadInput as error:
            raise ValidationError(str(error.message)) from error


def text_area(label: Any, help_text: Any = "", **options: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, help_text=help_text, max_length=MOST, widget=widget, **options)


class Sure(PageForm):
    """Nothing to be typed: the button is the answer."""


class Reason(PageForm):
    reason = text_area(gettext_lazy("Reason"), gettext_lazy("Whom it concerns reads it."))


class Note(PageForm):
    text = text_area(gettext_lazy("Note"), gettext_lazy("For staff only. It stays in the audit log."))


class Reply(PageForm):
    note = text_area(gettext_lazy("Note"), gettext_lazy("Those who reported it read it."), required=False)


class BankReference(PageForm):
    reference = forms.CharField(label=gettext_lazy("The bank's reference"), max_length=200, required=False)


class NewDeposit(PageForm):
    organisation_id = forms.TypedChoiceField(label=gettext_lazy("Organisation"), coerce=int)
    amount_micros = Amount(label=gettext_lazy("Amount"))
    currency = forms.ChoiceField(label=gettext_lazy("Currency"))
    reference = forms.CharField(
        label=gettext_lazy("The bank's reference"),
        max_length=200,
        help_text=gettext_lazy("As the statement has it. The same one is not credited twice."),
    )
    reason = text_area(gettext_lazy("Note"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices(self, "organisation_id", Organisation.objects.order_by("name", "pk").values_list("pk", "name"))
        choices(self, "currency", [(code, code) for code in real_currencies()])


class NewCorrection(PageForm):
    debit_id = forms.IntegerField(
        label=gettext_lazy("From account"), min_value=1, help_text=gettext_lazy("The id of the account it leaves.")
    )
    credit_id = forms.IntegerField(
        label=gettext_lazy("To account"), min_value=1, help_text=gettext_lazy("The id of the account it goes to.")
    )
    amount_micros = Amount(label=gettext_lazy("Amount"))
    reason = text_area(gettext_lazy("Reason"), gettext_lazy("Which transfer was wrong, and why."))


class Block(PageForm):
    reason = text_area(gettext_lazy("Reason"), gettext_lazy("The worker reads it."))
    ends_at = forms.DateTimeField(
        label=gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("In your time zone. Empty: until staff lift it."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "class": "short"}),
    )


class NewQualification(PageForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=150)
    description = text_area(gettext_lazy("Description"), gettext_lazy("Workers read it."), required=False)
    public = forms.BooleanField(label=gettext_lazy("Workers may browse it and take its test"), required=False)
    asking = forms.ChoiceField(label=gettext_lazy("When a worker asks for it"), choices=Asking.choices, required=False)
    auto_value = forms.IntegerField(
        label=gettext_lazy("Value where it is granted at once"), min_value=0, max_value=100, initial=1, required=False
    )
    valid_days = forms.IntegerField(
        label=gettext_lazy("Lasts so many days"),
        min_value=0,
        max_value=3650,
        required=False,
        help_text=gettext_lazy("When earned by a test or by asking. Empty: for good."),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        return given | {"valid_days": given.get("valid_days") or 0}


class NewLanguage(NewQualification):
    language = forms.CharField(
        label=gettext_lazy("Language, where it tells how well somebody knows one"),
        max_length=10,
        required=False,
        help_text=gettext_lazy("A code such as en or pt-BR."),
    )


class EditQualification(NewQualification):
    active = forms.BooleanField(
        label=gettext_lazy("In use"), required=False, help_text=gettext_lazy("If not, its tests end; grants stay.")
    )


class Grant(PageForm):
    worker = forms.CharField(
        label=gettext_lazy("Worker"), max_length=200, help_text=gettext_lazy("An e-mail address, or # and the id.")
    )
    value = forms.IntegerField(label=gettext_lazy("Value, 0 to 100"), min_value=0, max_value=100, initial=100)
    expires_at = forms.DateTimeField(
        label=gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("Empty: for good. What a document proves always has an end."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "class": "short"}),
    )
    reason = text_area(gettext_lazy("Reason"), required=False)


class RequestGrant(PageForm):
    request_id = forms.TypedChoiceField(label=gettext_lazy("Request"), coerce=int)
    value = forms.IntegerField(label=gettext_lazy("Value, 0 to 100"), min_value=0, max_value=100, initial=100)
    expires_at = forms.DateTimeField(
        label=gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("The document's own end. Must be said where a document proves it."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "class": "short"}),
    )
    reason = text_area(gettext_lazy("Note to the worker"), required=False)


class RequestRefusal(PageForm):
    request_id = forms.TypedChoiceField(label=gettext_lazy("Request"), coerce=int)
    reason = text_area(gettext_lazy("Reason"), gettext_lazy("The worker reads it."))


class Revocation(PageForm):
    worker = forms.CharField(label=gettext_lazy("Worker"), max_length=200)
    reason = text_area(gettext_lazy("Reason"), gettext_lazy("The worker reads it."))


class TestPay(Keyed):
    reward_micros = Amount(
        label=gettext_lazy("A try pays"),
        help_text=gettext_lazy("Once a worker, passed or not, when it is handed in. 0 pays nothing."),
    )
    currency = forms.ChoiceField(label=gettext_lazy("Currency"))
    add_micros = Amount(
        label=gettext_lazy("Set aside now"),
        required=False,
        help_text=gettext_lazy("Once it is used up, further tries are told to be unpaid."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices(self, "currency", [(code, code) for code in money.currencies()])


class Results(PageForm):
    file = forms.FileField(
        label=gettext_lazy("The provider's file"),
        help_text=gettext_lazy("CSV: reference, result (confirmed or failed), provider_reference, reason."),
    )

    def blame(self, error: CrowdError) -> None:
        """The sentences of a bad file say in which row."""
        for place, sentence in error.places.items():
            self.add_error("file", sentence if place == "file" else f"{place}: {sentence}")
        if not error.places:
            super().blame(error)


class ResultsText(PageForm):
    text = forms.CharField(widget=forms.HiddenInput, strip=False)


class WorkerSearch(PageForm):
    find = forms.CharField(label=gettext_lazy("E-mail address or id"), required=False)


class AccountSearch(PageForm):
    holder = forms.ChoiceField(label=gettext_lazy("Whose"), required=False)
    holder_id = forms.IntegerField(label=gettext_lazy("Id"), required=False, min_value=0, max_value=10**18)
    purpose = forms.ChoiceField(label=gettext_lazy("For what"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices(self, "holder", [("", _("all")), *Holder.choices])
        choices(self, "purpose", [("", _("all")), *Purpose.choices])


class AuditSearch(PageForm):
    action = forms.ChoiceField(label=gettext_lazy("Deed"), required=False)
    subject_type = forms.ChoiceField(label=gettext_lazy("Kind of thing"), required=False)
    subject_id = forms.IntegerField(label=gettext_lazy("Its id"), required=False, min_value=0, max_value=10**18)
    actor = forms.CharField(label=gettext_lazy("Who (e-mail address)"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices(self, "action", [("", _("all")), *by_words(deeds.DEEDS)])
        choices(self, "subject_type", [("", _("all")), *by_words(deeds.THINGS)])


def chosen_from(form: type[PageForm], name: str, pairs: Any) -> type[PageForm]:
    """The form with these choices for its field."""

    class Chosen(form):  # type: ignore[misc, valid-type]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            choices(self, name, pairs)

    return Chosen


def choices(form: forms.Form, name: str, pairs: Any) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(pairs)


def by_words(words: Mapping[str, str | Promise]) -> list[tuple[str, str]]:
    """Choices in the order in which the reader looks for them."""
    return sorted(((value, str(word)) for value, word in words.items()), key=lambda pair: pair[1].casefold())


def real_currencies() -> list[str]:
    return [code for code in money.currencies() if code != money.TEST_CURRENCY]
