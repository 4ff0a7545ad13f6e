"""Where and when somebody was last seen, for the page of his sessions, at the price of a look into the cache."""

from collections.abc import Callable
from hashlib import sha256

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

EVERY_S = 300


class ActivityMiddleware:
    """Instead of allauth's own, which writes at every request: at once from another address or browser, else seldom."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _is_due(request):
            UserSession.objects.create_from_request(request)
        return self.get_response(request)


def _is_due(request: HttpRequest) -> bool:
    key = request.session.session_key
    if not key:
        return False
    mark = _mark(request, key)
    return cache.get(mark) is None and request.user.is_authenticated and cache.add(mark, True, EVERY_S)


def _mark(request: HttpRequest, key: str) -> str:
    """The name of this session at this address with this browser: the address as our proxies tell it, for anybody can
    claim to have come by others."""
    said, proxies = request.META.get, settings.CROWD_PROXIES
    hops = said("HTTP_X_FORWARDED_FOR", "").split(",")[-proxies:] if proxies else []
    client = "\n".join([key, said("REMOTE_ADDR", ""), *hops, said("HTTP_USER_AGENT", "")])
    return f"seen:{sha256(client.encode()).hexdigest()}"
