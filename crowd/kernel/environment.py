"""Readers of the environment, for `crowd.settings` only. No Django here: settings are not there yet."""

import base64
import hashlib
import ipaddress
import os
import re
import secrets
from collections.abc import Collection, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from kombu.transport import TRANSPORT_ALIASES

CACHES = ("redis", "rediss", "unix")
NUMBER = r"[0-9]+(\.[0-9]+)?"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
KEPT_CONNECTIONS = ("CONN_MAX_AGE", "CONN_HEALTH_CHECKS", "DISABLE_SERVER_SIDE_CURSORS")
# A page waits so long for a replica that is gone without a word (s; ms): not for the system's quarter of an hour.
PATIENT = {
    "connect_timeout": 2,
    "tcp_user_timeout": 3000,
    "keepalives_idle": 3,
    "keepalives_interval": 1,
    "keepalives_count": 3,
}


class BadEnvironment(Exception):
    """An environment variable is unusable; the message names it."""


def text(name: str, default: str = "") -> str:
    """The value without blanks around it; an empty variable counts as unset."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    value = text(name).lower()
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    if not value:
        return default
    raise BadEnvironment(f"{name} must be 1 or 0, not {value!r}")


def number(name: str, default: int) -> int:
    """A whole number from 0 up."""
    value = text(name, str(default))
    if not re.fullmatch(r"[0-9]+", value):
        raise BadEnvironment(f"{name} must be a whole number, not {value!r}")
    return int(value)


def decimal(name: str, default: str) -> Decimal:
    """An amount or a share, from 0 up."""
    value = text(name, default)
    if not re.fullmatch(NUMBER, value):
        raise BadEnvironment(f"{name} must be a number such as {default}, not {value!r}")
    return Decimal(value)


def choice(name: str, default: str, of: Collection[str]) -> str:
    value = text(name, default).upper()
    if value not in of:
        raise BadEnvironment(f"{name} must be one of {', '.join(of)}, not {value!r}")
    return value


def listing(name: str, default: str = "") -> list[str]:
    """A list separated by commas."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def pairs(name: str, *, form: str, example: str, known: Collection[str] = ()) -> dict[str, str]:
    """`name=value,name=value`: each value of the form (a regular expression), each name a known one if any are."""
    found = {one.strip(): value.strip() for one, _sign, value in (pair.partition("=") for pair in listing(name))}
    for one, value in found.items():
        if not one or not re.fullmatch(form, value):
            raise BadEnvironment(f"{name} must be pairs such as {example}, not {text(name)!r}")
        if known and one not in known:
            raise BadEnvironment(f"{name} may name {', '.join(known)}, not {one!r}")
    return found


def networks(name: str) -> list[str]:
    """Networks such as `10.1.0.0/16`."""
    try:
        return [str(ipaddress.ip_network(network)) for network in listing(name)]
    except ValueError as error:
        raise BadEnvironment(f"{name} must be networks such as 10.1.0.0/16: {error}") from None


def origin(name: str, default: str = "") -> str:
    """`https://host` or `https://host:port`, without a path."""
    value = text(name, default).rstrip("/")
    parts = _split(name, value)
    if value and (parts.scheme not in ("http", "https") or value != f"{parts.scheme}://{parts.netloc}"):
        raise BadEnvironment(f"{name} must be an address such as https://labels.example.org, not {value!r}")
    return value


def cache(name: str) -> str:
    value = text(name)
    if value and _split(name, value).scheme not in CACHES:
        raise BadEnvironment(f"{name} must begin with redis://, rediss:// or unix://")
    return value


def broker(name: str, default: str) -> str:
    """Whatever Celery knows as a transport; it may name several servers (`sentinel://...;sentinel://...`)."""
    value = text(name, default)
    scheme, sign, _rest = value.partition("://")
    if not sign or scheme.partition("+")[0] not in TRANSPORT_ALIASES:
        raise BadEnvironment(f"{name} must begin with redis:// or amqp:// (or another transport of Celery's)")
    return value


def amounts(name: str) -> dict[str, Decimal]:
    """Amounts by currency: `USD=9.50,EUR=9`."""
    found = pairs(name, form=NUMBER, example="USD=9.50,EUR=9")
    return {currency: Decimal(amount) for currency, amount in found.items()}


def database(url: str, name: str = "DATABASE_URL", patience: Mapping[str, int] | None = None) -> dict[str, Any]:
    """Django's DATABASES entry for `postgresql://user:password@host:port/name?sslmode=require`.

    Query parameters go to libpq as they are; `host` may be a folder with a Unix socket.
    """
    parts = _split(name, url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise BadEnvironment(f"{name} must begin with postgresql:// (there is one database engine, PostgreSQL)")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "crowd",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": str(options.pop("host", "")) or unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": {"connect_timeout": 5, **(patience or {}), **options},
    }


def replica(url: str, primary: dict[str, Any]) -> dict[str, Any]:
    """The entry of a streaming replica of `primary`: reached as its URL says, otherwise treated alike."""
    alike = {name: primary[name] for name in KEPT_CONNECTIONS if name in primary}
    found = database(url, "DATABASE_REPLICA_URL", PATIENT) | alike | {"TEST": {"MIRROR": "default"}}
    found["OPTIONS"]["prepare_threshold"] = primary["OPTIONS"]["prepare_threshold"]
    return found


def email(url: str, folder: Path) -> dict[str, Any]:
    """Django's EMAIL_* settings for `smtp://user:password@host:587`, `smtps://...:465`, `console:` or nothing.

    smtp uses STARTTLS unless `?tls=0`; smtps is TLS from the start. Without a URL each message becomes a file.
    """
    parts = _split("EMAIL_URL", url)
    backends = {"": "filebased", "file": "filebased", "console": "console", "smtp": "smtp", "smtps": "smtp"}
    if parts.scheme not in backends:
        raise BadEnvironment("EMAIL_URL must begin with smtp://, smtps://, console: or file:")
    return {
        "EMAIL_BACKEND": f"django.core.mail.backends.{backends[parts.scheme]}.EmailBackend",
        "EMAIL_FILE_PATH": str(folder),
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and dict(parse_qsl(parts.query)).get("tls") != "0",
        "EMAIL_TIMEOUT": 15,
    }


def folder(path: Path) -> Path:
    """The folder, made where it is not there."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadEnvironment(f"The folder {path} cannot be made: {error.strerror} (CROWD_DATA says where)") from error
    return path


def kept_secret(path: Path) -> str:
    """The secret in the file, made on first use; two processes starting at once get the same one."""
    if not path.exists():
        folder(path.parent)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)  # unlike a rename, fails when somebody else was first
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def _split(name: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 (raises where it is no number)
    except ValueError as error:
        raise BadEnvironment(f"{name} is no address: {error}") from None
    return parts


def derived_key(secret: str, purpose: str) -> str:
    """A 32-byte key of its own for one purpose, url-safe base64, as Fernet wants it."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"{purpose}\0{secret}".encode()).digest()).decode()
