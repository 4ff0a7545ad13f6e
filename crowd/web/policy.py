"""The Content-Security-Policy of every answer. django-csp builds it anew each time, which is felt on the hot path."""

from functools import cache

from csp.constants import HEADER
from csp.middleware import CheckableLazyObject, CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


class PolicyMiddleware(CSPMiddleware):
    """django-csp's, which keeps the policy of answers that name no nonce and have no policy of their own."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_own = any(name.startswith("_csp_") for name in response.__dict__)
        if is_own or settings.DEBUG or getattr(request, "_csp_nonce", None):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, _without_nonce())
        request.csp_nonce = CheckableLazyObject(self._csp_nonce_post_response)  # type: ignore[attr-defined]
        return response


@cache
def _without_nonce() -> str:
    return build_policy()
