"""placeholder"""

from typing import Any


def receive(**kw: Any) -> Any:
    raise NotImplementedError
