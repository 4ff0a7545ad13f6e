"""One's own API keys: what programs sign in with."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crowd.users import queries
from crowd.users.services import api_keys
from crowd.web.account.forms import KeyForm
from crowd.web.account.settings import FORM
from crowd.web.doors import signed_in, user_of


@signed_in
@require_http_methods(FORM)
def keys(request: HttpRequest) -> HttpResponse:
    """A new key stands in the answer to the form that made it, and nowhere afterwards."""
    user = user_of(request)
    form = KeyForm(request.POST or None, user=user)
    made: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        with form.answering():
            key, secret = api_keys.create(user=user, **form.asked())
            made = {"key": key, "secret": secret}
            form = KeyForm(user=user)
    told = {"form": form, "made": made, "keys": queries.api_keys(user)}
    response = render(request, "web/account/keys.html", told)
    response.headers["Cache-Control"] = "no-store"
    return response


@signed_in
@require_POST
def withdraw(request: HttpRequest, key_id: int) -> HttpResponse:
    api_keys.revoke(actor=user_of(request), key_id=key_id)
    messages.success(request, _("The key is withdrawn: nothing signs in with it any more."))
    return redirect("web:api-keys")
