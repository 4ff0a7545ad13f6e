"""What must be right before the site may serve others (`manage.py check --deploy`) or serve at all (`check`)."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured

MUST_BE_TOLD = {
    "CROWD_OPERATOR_NAME": "the name of who runs the site",
    "CROWD_OPERATOR_ADDRESS": "a postal address where the operator can be reached",
    "CROWD_TERMS_FILE": "the text of the terms of use",
    "CROWD_PRIVACY_FILE": "the text of the privacy notice",
}
MOST_APPEAL_DAYS = 90


@register(Tags.security, deploy=True)
def operator_is_named(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """kernel.E001: a marketplace tells who runs it and on which terms."""
    return [
        Error(f"{name} is not set.", hint=f"It is {meaning}.", id="kernel.E001")
        for name, meaning in MUST_BE_TOLD.items()
        if not getattr(settings, name)
    ]


@register(Tags.files, deploy=True)
def texts_can_be_read(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """kernel.E002: the files with the legal texts are there and not empty."""
    chosen = {name: getattr(settings, name) for name in ("CROWD_TERMS_FILE", "CROWD_PRIVACY_FILE")}
    return [
        Error(f"{name}: there is no text in {path}.", id="kernel.E002")
        for name, path in chosen.items()
        if path and not _has_text(Path(path))
    ]


@register(Tags.staticfiles, deploy=True)
def scripts_are_built(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """kernel.E008: every page names a script, and without it every page is an error."""
    if finders.find("web/build/htmx.js"):
        return []
    hint = "`make site` builds them; then `manage.py collectstatic`."
    return [Error("The scripts of the pages are not built.", hint=hint, id="kernel.E008")]


@register(Tags.security)
def keys_are_chosen(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """kernel.E003, E004: a site for others does not run on keys that were made up on this machine."""
    missing = [name for name in ("SECRET_KEY", "CROWD_MASTER_KEY") if not _is_set(name)]
    return [Error(f"{_variable(name)} is not set.", hint=HINTS[name], id=IDS[name]) for name in missing]


@register(Tags.security, deploy=True)
def site_is_for_others(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """kernel.E005, W001, W002: address, database and cache of a site that others use."""
    found: list[CheckMessage] = []
    if settings.CROWD_LOCAL:
        found.append(Error("CROWD_URL is this machine.", hint="Set it to the site's https address.", id="kernel.E005"))
    elif not settings.CROWD_URL.startswith("https://"):
        found.append(Error("CROWD_URL does not begin with https://.", id="kernel.E005"))
    if settings.DATABASES["default"]["ENGINE"] == "crowd.kernel.postgres":
        found.append(Warning("The embedded database is in use.", hint="Set DATABASE_URL.", id="kernel.W001"))
    if "locmem" in settings.CACHES["default"]["BACKEND"]:
        hint = "With several web processes each counts requests for itself; set CACHE_URL to a Redis."
        found.append(Warning("Throttling is counted in each process.", hint=hint, id="kernel.W002"))
    return found


@register()
def money_settings_make_sense(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """kernel.E006: a fee that is a share, currencies that are codes, an appeal window that ends."""
    faults = {
        "CROWD_FEE_RATE must be from 0 to 1.": not Decimal(0) <= settings.CROWD_FEE_RATE <= Decimal(1),
        "CROWD_CURRENCIES must be three-letter codes such as USD,EUR.": not settings.CROWD_CURRENCIES
        or any(len(code) != 3 or not code.isupper() for code in settings.CROWD_CURRENCIES),
        f"CROWD_APPEAL_DAYS must be from 0 to {MOST_APPEAL_DAYS}.": not 0
        <= settings.CROWD_APPEAL_DAYS
        <= MOST_APPEAL_DAYS,
    }
    return [Error(fault, id="kernel.E006") for fault, is_there in faults.items() if is_there]


@register(deploy=True)
def site_is_no_trial(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """kernel.E007: on a real site nobody moves the clock, and nothing is as lenient as in the demo."""
    return [
        Error(f"{name} is on.", hint="It is for demos and simulations only.", id="kernel.E007")
        for name in ("CROWD_CLOCK_MAY_SHIFT", "CROWD_DEMO")
        if getattr(settings, name)
    ]


IDS = {"SECRET_KEY": "kernel.E003", "CROWD_MASTER_KEY": "kernel.E004"}
HINTS = {
    "SECRET_KEY": "It signs sessions and links; any 50 random characters.",
    "CROWD_MASTER_KEY": "It encrypts personal data; 50 random characters, kept apart from the database's backups.",
}


def _variable(name: str) -> str:
    return "CROWD_SECRET_KEY" if name == "SECRET_KEY" else name


def _is_set(name: str) -> bool:
    try:
        return bool(getattr(settings, name))
    except ImproperlyConfigured:  # Django refuses to hand out an empty SECRET_KEY
        return False


def _has_text(path: Path) -> bool:
    try:
        return bool(path.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError):
        return False
