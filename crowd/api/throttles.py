"""How often one person may ask. All of his keys and sessions count together; who is nobody counts by address.

Each answer tells it in the headers RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10).
"""

from collections.abc import Sequence
from math import ceil

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from crowd.api.sign_in import user_of


class Rate(SimpleRateThrottle):
    """CROWD_API_RATES has a rate for each kind of request ("work": "240/min")."""

    num_requests: int
    duration: int  # seconds

    def __init__(self, kind: str) -> None:
        self.scope = kind
        super().__init__()

    def get_rate(self) -> str:
        rates: dict[str, str] = settings.CROWD_API_RATES
        return rates[str(self.scope)]

    def get_cache_key(self, request: Request, view: APIView) -> str:
        user = user_of(request).pk  # None: nobody
        who = f"user:{user}" if user else f"address:{self.get_ident(request)}"
        return self.cache_format % {"scope": self.scope, "ident": who}

    @property
    def policy(self) -> str:
        return f'"{self.scope}";q={self.num_requests};w={self.duration}'

    @property
    def left(self) -> str:
        """How many requests are left now, and in how many seconds the first of those that count counts no more."""
        until = ceil(self.history[-1] + self.duration - self.now) if self.history else self.duration
        return f'"{self.scope}";r={max(self.num_requests - len(self.history), 0)};t={until}'


def told(rates: Sequence[Rate]) -> dict[str, str]:
    """The headers about rates that a request was counted for."""
    counted = [rate for rate in rates if hasattr(rate, "history")]
    said = {"RateLimit-Policy": [rate.policy for rate in counted], "RateLimit": [rate.left for rate in counted]}
    return {name: ", ".join(values) for name, values in said.items() if values}
