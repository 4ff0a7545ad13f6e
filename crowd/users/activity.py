"""Where and when somebody was last seen, for the page of his sessions, at the price of a look into the cache."""

from collections.abc import Callable
from hashlib import sha256

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
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
    client = f"{key} {get_adapter().get_client_ip(request)} {request.headers.get('User-Agent', '')}"
    mark = f"seen:{sha256(client.encode()).hexdigest()}"
    return cache.get(mark) is None and request.user.is_authenticated and cache.add(mark, True, EVERY_S)
