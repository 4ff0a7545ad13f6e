"""PDF files, read by PDFium: how many pages there are, and each as a picture."""

import io
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import IO

import pypdfium2
from django.utils.translation import gettext as _

from crowd.projects.errors import FetchRefused

MOST_PAGES = 500
DPI = 150  # small print can be read
POINTS = 72  # in an inch
MOST_PIXELS = 25_000_000  # of a page: larger sheets are drawn less finely
MOST_SIDE = 20_000  # pixels of a page's longer side
QUALITY = 90
_ONE_AT_A_TIME = Lock()  # PDFium is not made for several threads


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page as a JPEG. `number` counts from 1; a pixel is 72 / `dpi` points of the page."""

    number: int
    picture: bytes
    dpi: float


def count(file: IO[bytes]) -> int:
    """The number of pages, however many. Raises FetchRefused for what is no PDF that could be shown."""
    with _ONE_AT_A_TIME, _opened(file) as document:
        return len(document)


def pages(file: IO[bytes]) -> Iterator[Page]:
    """Every page drawn, one at a time. Raises FetchRefused, for more than MOST_PAGES too."""
    if (found := count(file)) > MOST_PAGES:
        raise FetchRefused(_("A PDF has from 1 to %(most)s pages.") % {"most": f"{MOST_PAGES:,}"})
    for number in range(1, found + 1):
        with _ONE_AT_A_TIME, _opened(file) as document:
            page = _drawn(document, number)
        yield page


def _drawn(document: pypdfium2.PdfDocument, number: int) -> Page:
    page = document[number - 1]
    width, height = page.get_size()
    finest = (MOST_PIXELS / max(width * height, 1)) ** 0.5
    dpi = min(DPI, POINTS * finest, POINTS * MOST_SIDE / max(width, height, 1))
    if not min(width, height) * dpi / POINTS >= 1:
        raise FetchRefused(_("Page %(page)s of this PDF is too narrow to be drawn.") % {"page": number})
    stream = io.BytesIO()
    page.render(scale=dpi / POINTS).to_pil().convert("RGB").save(stream, "JPEG", quality=QUALITY)
    return Page(number=number, picture=stream.getvalue(), dpi=round(dpi, 2))


@contextmanager
def _opened(file: IO[bytes]) -> Iterator[pypdfium2.PdfDocument]:
    """Whatever goes wrong with a stranger's document, or in drawing it, is a FetchRefused."""
    file.seek(0)
    try:
        with closing(pypdfium2.PdfDocument(file)) as document:
            if not len(document):
                raise ValueError("There is no page.")
            yield document
    except (pypdfium2.PdfiumError, OSError, ValueError, OverflowError, MemoryError) as error:
        raise FetchRefused(_("This PDF is damaged, or locked by a password.")) from error
