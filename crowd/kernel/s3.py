"""Files in S3-compatible storage, Amazon's and others'."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends import s3

from crowd.kernel.errors import Unavailable

CONFIG = Config(
    signature_version="s3v4",
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    connect_timeout=10,
    retries={"total_max_attempts": 3, "mode": "standard"},
)


def _said_plainly(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def called(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except (BotoCoreError, ClientError) as error:
            raise Unavailable from error

    return called


class S3Storage(s3.S3Storage):  # type: ignore[misc]
    """A bucket that does not answer, or not to us, is an outage: Unavailable.

    Links are signed the way that every region and every maker takes (version 4). Checksums are sent only where the
    protocol wants one: what newer clients add by themselves is news to many makers.
    """

    def get_default_settings(self) -> dict[str, Any]:
        return {**super().get_default_settings(), "client_config": CONFIG}

    _save, _open = _said_plainly(s3.S3Storage._save), _said_plainly(s3.S3Storage._open)
    delete, exists = _said_plainly(s3.S3Storage.delete), _said_plainly(s3.S3Storage.exists)
    size, listdir = _said_plainly(s3.S3Storage.size), _said_plainly(s3.S3Storage.listdir)
