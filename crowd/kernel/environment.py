"""Readers of the environment, for `crowd.settings` only. No Django here: settings are not there yet."""

import base64
import hashlib
import os
import secrets
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

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
    value = text(name)
    try:
        return int(value) if value else default
    except ValueError:
        raise BadEnvironment(f"{name} must be a whole number, not {value!r}") from None


def listing(name: str, default: str = "") -> list[str]:
    """A list separated by commas."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def amounts(name: str) -> dict[str, Decimal]:
    """Amounts by currency: `USD=9.50,EUR=9`."""
    pairs = [pair.partition("=") for pair in listing(name)]
    try:
        found = {currency.strip(): Decimal(amount) for currency, _sign, amount in pairs}
    except InvalidOperation:
        found = {"": Decimal(0)}
    if not all(currency and amount.is_finite() and amount >= 0 for currency, amount in found.items()):
        raise BadEnvironment(f"{name} must be amounts by currency, such as USD=9.50,EUR=9, not {text(name)!r}")
    return found


def database(url: str, name: str = "DATABASE_URL", patience: Mapping[str, int] | None = None) -> dict[str, Any]:
    """Django's DATABASES entry for `postgresql://user:password@host:port/name?sslmode=require`.

    Query parameters go to libpq as they are; `host` may be a folder with a Unix socket.
    """
    parts = urlsplit(url)
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
    parts = urlsplit(url)
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


def kept_secret(path: Path) -> str:
    """The secret in the file, made on first use; two processes starting at once get the same one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
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


def derived_key(secret: str, purpose: str) -> str:
    """A 32-byte key of its own for one purpose, url-safe base64, as Fernet wants it."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"{purpose}\0{secret}".encode()).digest()).decode()
