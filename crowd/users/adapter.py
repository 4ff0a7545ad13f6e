"""How allauth's sign-up and sign-in fit this site."""

from typing import Any
from zoneinfo import available_timezones

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, override

from crowd.kernel.zone import COOKIE
from crowd.users.language import speak
from crowd.users.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Signs up by e-mail address, and remembers the language and time zone that the person came with."""

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        zone = request.COOKIES.get(COOKIE, "")
        user.timezone = zone if zone in available_timezones() else "UTC"
        user.language = (get_language() or "en")[:10]
        saved: User = super().save_user(request, user, form, commit=commit)
        return saved

    def post_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse:
        """From here on the browser speaks the account's language, whatever it spoke for whoever was here before."""
        with override(user.language):
            response: HttpResponse = super().post_login(request, user, **more)
        speak(response, user.language)
        return response
