"""How often one person may ask. All of his keys and sessions count together; who is nobody counts by address."""

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from crowd.api.sign_in import user_of


class Rate(SimpleRateThrottle):
    """CROWD_API_RATES has a rate for each kind of request ("work": "240/min")."""

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
