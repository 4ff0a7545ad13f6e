"""The documents that people agree to: the operator's files, else those that come with the software.

A version is a digest of the text, so that no edit can go unnoticed.
"""

import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from crowd.users.models import TermsAcceptance, User
from crowd.users.states import Document

HERE = Path(__file__).parent / "texts"
AGREED: tuple[str, ...] = (Document.TERMS, Document.PRIVACY)


@dataclass(frozen=True)
class Text:
    document: str
    version: str
    text: str  # Markdown


def current(document: str) -> Text:
    """As it reads now."""
    places = {Document.TERMS: settings.CROWD_TERMS_FILE, Document.PRIVACY: settings.CROWD_PRIVACY_FILE}
    path = places.get(Document(document)) or f"{HERE}/{document}.md"
    return _read(document, path, os.stat(path).st_mtime_ns)


def stamp() -> str:
    """Changes when a text that people agree to does."""
    return ":".join(current(document).version[:6] for document in AGREED)


def missing(user: User) -> tuple[str, ...]:
    """The documents whose current version this person has not agreed to."""
    versions = {current(document).document: current(document).version for document in AGREED}
    agreed = TermsAcceptance.objects.filter(user=user, version__in=versions.values())
    held = set(agreed.values_list("document", "version"))
    return tuple(document for document, version in versions.items() if (document, version) not in held)


@lru_cache(maxsize=8)
def _read(document: str, path: str, changed: int) -> Text:
    text = Path(path).read_text("utf-8")
    return Text(document, hashlib.sha256(text.encode()).hexdigest()[:12], text)
