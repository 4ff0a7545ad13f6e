"""Forms of joining and of one's own settings."""

from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crowd.kernel import clock
from crowd.projects.states import Warning
from crowd.users.models import User
from crowd.users.services import api_keys
from crowd.users.states import Scope
from crowd.web.choices import countries, languages
from crowd.web.forms import PageForm

ADULT = _("I am 18 or older.")
IN_REPORTS = _("My country and languages may be counted in requesters' reports on bias.")
HOW_COUNTED = _(
    "Only together with those of at least nine others, and never with your name: it shows whether labels depend on who "
    "gave them. You can change this at any time."
)


class JoinWorkerForm(PageForm):
    country = forms.ChoiceField(
        label=_("Country you live in"), help_text=_("Some projects ask for it. Requesters never see it.")
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages you read and write well"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose one at least: it decides which projects you are shown.")},
    )
    in_reports = forms.BooleanField(label=IN_REPORTS, help_text=HOW_COUNTED, required=False)
    adult = forms.BooleanField(label=ADULT, error_messages={"required": _("Only people of 18 or more can work here.")})
    agree = forms.BooleanField(
        label=_("I have read and agree to the terms and the privacy notice."),
        error_messages={"required": _("Without this you cannot work here.")},
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = countries(blank=True)  # type: ignore[attr-defined]
        self.fields["languages"].choices = languages()  # type: ignore[attr-defined]
        self.initial.setdefault("languages", [(get_language() or "en")[:2]])


class WorkerProfileForm(PageForm):
    country = forms.ChoiceField(label=_("Country you live in"))
    languages = forms.MultipleChoiceField(
        label=_("Languages you read and write well"), widget=forms.CheckboxSelectMultiple
    )
    in_reports = forms.BooleanField(label=IN_REPORTS, help_text=HOW_COUNTED, required=False)
    time_percent = forms.TypedChoiceField(
        label=_("Time for a task or a test"),
        help_text=_(
            "Takes effect with the next task. With more time, rules about speed do not look at you. Nobody is told."
        ),
        choices=[
            (100, _("as the project says")),
            (150, _("half as much again (× 1.5)")),
            (200, _("twice as much (× 2)")),
        ],
        coerce=int,
        widget=forms.RadioSelect,
    )
    shown_warnings = forms.MultipleChoiceField(
        label=_("Content that I agree to be shown"),
        help_text=_(
            "Projects with such content stay closed to you otherwise. "
            "It is blurred until you ask for it, and you can change this at any time."
        ),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = countries()  # type: ignore[attr-defined]
        self.fields["languages"].choices = languages()  # type: ignore[attr-defined]
        self.fields["shown_warnings"].choices = Warning.choices  # type: ignore[attr-defined]


class OrganisationForm(PageForm):
    name = forms.CharField(
        label=_("Name of your organisation"),
        help_text=_("Workers see it beside your projects. Your own name will do."),
        max_length=150,
        error_messages={"required": _("A name is needed.")},
    )
    agree = forms.BooleanField(
        label=_("I have read and agree to the terms and the privacy notice."),
        error_messages={"required": _("Without this you cannot post projects here.")},
    )


class AgreeForm(PageForm):
    agree = forms.BooleanField(
        label=_("I have read and agree to both."), error_messages={"required": _("Please tick this, or sign out.")}
    )


class PersonForm(PageForm):
    name = forms.CharField(
        label=_("Name"), required=False, max_length=150, widget=forms.TextInput({"autocomplete": "name"})
    )
    language = forms.ChoiceField(label=_("Language of pages and mail"), choices=settings.LANGUAGES)
    timezone = forms.ChoiceField(label=_("Time zone"), help_text=_("For mail; pages use the zone of your device."))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["timezone"].choices = [(name, name) for name in sorted(available_timezones())]  # type: ignore[attr-defined]


class KeyForm(PageForm):
    """What a program may do, and for how long. Only staff are offered the work of staff."""

    name = forms.CharField(
        label=_("Name"), help_text=_("What it is for: a program, a machine."), max_length=api_keys.MAX_NAME
    )
    scopes = forms.MultipleChoiceField(label=_("What it may do"), widget=forms.CheckboxSelectMultiple)
    days = forms.TypedChoiceField(
        label=_("Good for"),
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("a year")), (0, _("until it is withdrawn"))],
        coerce=int,
        initial=90,
    )

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        offered = [one for one in Scope.choices if one[0] != Scope.STAFF or user.is_staff]
        self.fields["scopes"].choices = offered  # type: ignore[attr-defined]
        self.initial.setdefault("scopes", [Scope.READ])

    def asked(self) -> dict[str, Any]:
        """The keyword arguments of `api_keys.create`."""
        days = self.cleaned_data.pop("days")
        return self.cleaned_data | {"expires_at": clock.now() + timedelta(days=days) if days else None}


class CloseForm(PageForm):
    understood = forms.BooleanField(
        label=_("I understand that a closed account is not opened again."),
        error_messages={"required": _("Please tick this first.")},
    )
