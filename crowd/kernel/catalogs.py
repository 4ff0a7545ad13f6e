"""Translations: from the code to `crowd/locale/*/LC_MESSAGES/django.po`, and from there to what the site reads.

English stands in the code itself. `python -m crowd.kernel.catalogs compile` builds each `.mo` that is older than its
`.po`; `update` brings the `.po` files in line with the code (what was translated stays, what is gone goes); `check`
fails where `update` would change something. Babel does it, so nothing but Python is needed.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent.parent
LOCALE = ROOT / "crowd" / "locale"
CODE = ("crowd", "workers", "qualifications")
LAZY = {f"{name}_lazy": DEFAULT_KEYWORDS[name] for name in ("gettext", "ngettext", "pgettext", "npgettext")}
KEYWORDS = DEFAULT_KEYWORDS | LAZY | {"gettext_noop": None, "say": None}  # say: crowd.labeling.speech
WIDTH = 120
NOISE = ("Report-Msgid-Bugs-To:", "Last-Translator:", "Language-Team:", "Generated-By:")  # header lines of no use here


def compile_stale() -> list[Path]:
    """Build what is missing or older than its source; the files built."""
    built = []
    for source in _sources():
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            _compile(source, target)
            built.append(target)
    return built


def update() -> list[Path]:
    """Bring the sources in line with the code; the files changed."""
    changed = []
    for source in _sources():
        text = _in_line(source)
        if text != source.read_bytes():
            source.write_bytes(text)
            changed.append(source)
    return changed


def out_of_line() -> list[Path]:
    """The files that `update` would change."""
    return [source for source in _sources() if _in_line(source) != source.read_bytes()]


def read(source: Path) -> Catalog:
    with source.open("rb") as file:
        return read_po(file, locale=source.parent.parent.name, domain="django", abort_invalid=True)


def _sources() -> list[Path]:
    return sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))


def _compile(source: Path, target: Path) -> None:
    draft = io.BytesIO()
    write_mo(draft, read(source))
    waiting = target.with_suffix(".new")
    waiting.write_bytes(draft.getvalue())
    waiting.replace(target)  # somebody may be reading it


def _in_line(source: Path) -> bytes:
    known = read(source)
    written = known.creation_date
    known.update(_said(), no_fuzzy_matching=True)
    known.creation_date = written  # or every call would change the file
    out = io.BytesIO()
    write_po(out, known, width=WIDTH, include_lineno=False, sort_by_file=True, ignore_obsolete=True)
    lines = out.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(tuple(f'"{name}'.encode() for name in NOISE)))


def _said() -> Catalog:
    """Every sentence of the code, with the files that say it."""
    catalog = Catalog(project="crowd", domain="django")
    for place, text in _texts():
        for _line, message, comments, context in extract("python", io.BytesIO(text), KEYWORDS, ["Translators:"]):
            catalog.add(message, locations=[(place, 0)], auto_comments=comments, context=context)
    return catalog


def _texts() -> Iterator[tuple[str, bytes]]:
    for package in CODE:
        for path in sorted((ROOT / package).rglob("*.py")):
            if path.parent.name != "migrations":
                yield path.relative_to(ROOT).as_posix(), path.read_bytes()
        for path in sorted((ROOT / package).rglob("*.html")):
            yield path.relative_to(ROOT).as_posix(), _as_python(path.read_text(encoding="utf-8"))


def _as_python(template: str) -> bytes:
    """Django turns a template into something that reads like Python; its indents mean nothing."""
    from django.utils.translation.template import templatize

    return "\n".join(line.lstrip() for line in templatize(template).splitlines()).encode()


def _main(arguments: list[str]) -> str | None:
    """What went wrong; None when all is well."""
    if arguments == ["compile"]:
        compile_stale()
    elif arguments == ["update"]:
        update()
    elif arguments == ["check"]:
        if late := out_of_line():
            return f"{late[0].relative_to(ROOT)} is out of line with the code: make words"
    else:
        return "Usage: python -m crowd.kernel.catalogs compile | update | check"
    return None


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
