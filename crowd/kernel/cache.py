"""Redis as the cache, which may be away: what it holds is remembered for speed and for limits, and nothing needs it."""

import logging
import time
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ClassVar

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import ConnectionError, TimeoutError

log = logging.getLogger(__name__)
GONE = (ConnectionError, TimeoutError)
AWAY_S = 5.0  # so long nobody asks it again: one call waits for a Redis that is silent, not every call


def patient(name: str, empty: Callable[..., Any]) -> Callable[..., Any]:
    """The client's method of that name; where Redis does not answer, what an empty cache says (`empty`, of the same
    arguments), at the price of a log line, and for AWAY_S it is not asked again."""
    usual = getattr(RedisCacheClient, name)

    @wraps(usual)
    def method(self: "PatientClient", *given: Any) -> Any:
        if time.monotonic() < PatientClient.away_until:
            return empty(*given)
        try:
            return usual(self, *given)
        except GONE as error:
            PatientClient.away_until = time.monotonic() + AWAY_S
            log.warning("The cache does not answer: %s", error)
            return empty(*given)

    return method


class PatientClient(RedisCacheClient):
    away_until: ClassVar[float] = 0.0  # of this process, by the monotonic clock; Django makes a client a thread

    get = patient("get", lambda key, default: default)
    get_many = patient("get_many", lambda keys: {})
    has_key = patient("has_key", lambda key: False)
    add = patient("add", lambda key, value, timeout: True)
    set = patient("set", lambda key, value, timeout: None)
    set_many = patient("set_many", lambda data, timeout: None)
    touch = patient("touch", lambda key, timeout: False)
    delete = patient("delete", lambda key: False)
    delete_many = patient("delete_many", lambda keys: None)


class PatientRedisCache(RedisCache):
    """Django's, but without Redis the site goes on: limits count from zero, figures are counted anew."""

    def __init__(self, server: str, params: Mapping[str, Any]) -> None:
        super().__init__(server, dict(params))
        self._class = PatientClient
