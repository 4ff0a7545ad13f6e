"""Who may open a page: every view is wrapped by one of these, or is meant for guests."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from crowd.users import terms
from crowd.users.models import User
from workers.models import Worker

Page = Callable[..., HttpResponseBase]


def user_of(request: HttpRequest) -> User:
    """Behind `signed_in` only."""
    return cast(User, request.user)


def page_of_ours(request: HttpRequest, wanted: str, *, otherwise: str) -> str:
    """`wanted`, which came with the request, where it is the address of a page of this site."""
    is_one = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_one else otherwise


def signed_in(view: Page) -> Page:
    """Guests are asked to sign in, and come back here."""
    return login_required(view)


def for_worker(view: Callable[Concatenate[HttpRequest, Worker, ...], HttpResponseBase]) -> Page:
    """The view gets the worker; a login that is none is asked to become one."""

    @wraps(view)
    def page(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        worker: Worker | None = getattr(user_of(request), "worker", None)
        if worker is None:
            return redirect("web:join-worker")
        return view(request, worker, **kwargs)

    return signed_in(page)


def agreed(view: Page) -> Page:
    """Before anything is taken, the terms as they read now are agreed to. Wraps a page that `for_worker` made."""

    @wraps(view)
    def page(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and terms.missing(user_of(request)):
            back = request.get_full_path() if request.method == "GET" else request.headers.get("Referer", "")
            return redirect(f"{reverse('web:agree')}?{urlencode({'next': back})}")
        return view(request, **kwargs)

    return page
