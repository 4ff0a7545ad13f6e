"""The pictures of docs/tour.md: each page on a sheet of four, desk and phone, light and dark.

`TOUR=1 make test ARGS="-n 0 tests/browser/test_every_page.py"` takes them; what is not in the list any more goes.
"""

from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tests.browser.every_page import Opened
from tests.browser.looks import look

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "tour"
TEXT = ROOT / "docs" / "tour.md"
RAW = ROOT / ".crowd" / "tour"  # the single pictures, in full
DESK_WIDTH, PHONE_WIDTH, HEIGHT, GAP = 760, 300, 740, 12  # in the sheet; what is longer is cut
QUALITY = 50
LOOKS = ((False, False), (False, True), (True, False), (True, True))  # on a phone? dark?
MARK = "<!-- from here on written by tests/browser/tour.py -->"
AREAS = (
    ("Guest", ("web:home", "web:terms", "web:privacy", "account_", "usersessions", "mfa")),
    ("Joining, account, notices", ("web:join", "web:agree", "web:account", "web:about", "web:close-acc", "web:noti")),
    ("Requester", ("web:requester",)),
    ("Staff", ("web:staff",)),
    ("Worker", ("web:",)),
)


def take(page: Page, one: Opened, *, phone: bool, dark: bool) -> None:
    RAW.mkdir(parents=True, exist_ok=True)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=RAW / _raw(one.file, phone=phone, dark=dark), full_page=True)


def take_four(page: Page, name: str) -> None:
    """A sheet of the page as it stands in the middle of a story, of what is in sight; it stands as before then."""
    RAW.mkdir(parents=True, exist_ok=True)
    before = page.viewport_size
    for phone, dark in LOOKS:
        look(page, phone=phone, dark=dark)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=RAW / _raw(name, phone=phone, dark=dark))
    page.emulate_media(color_scheme=None)
    if before:
        page.set_viewport_size(before)
    _sheet(name).save(FOLDER / f"{name}.webp", quality=QUALITY, method=6)


def write(opened: list[Opened]) -> None:
    """The sheets, and the part of docs/tour.md that lists them."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("page-*.webp"):
        old.unlink()
    for one in opened:
        _sheet(one.file).save(FOLDER / _name(one), quality=QUALITY, method=6)
    kept = TEXT.read_text().partition(MARK)[0]
    TEXT.write_text(kept + "\n".join([MARK, *_lines(opened)]) + "\n")


def _sheet(file: str) -> Image.Image:
    shots = [
        _fit(RAW / _raw(file, phone=phone, dark=dark), PHONE_WIDTH if phone else DESK_WIDTH) for phone, dark in LOOKS
    ]
    height = max(shot.height for shot in shots)
    sheet = Image.new("RGB", (sum(shot.width for shot in shots) + 5 * GAP, height + 2 * GAP), "#8a8f98")
    left = GAP
    for shot in shots:
        sheet.paste(shot, (left, GAP))
        left += shot.width + GAP
    return sheet


def _fit(path: Path, width: int) -> Image.Image:
    with Image.open(path) as found:
        picture = found.convert("RGB")
    small = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
    return small.crop((0, 0, width, min(small.height, HEIGHT)))


def _lines(opened: list[Opened]) -> list[str]:
    lines, left = list[str](), list(opened)
    for title, names in AREAS:
        mine = [one for one in left if one.name.startswith(names)]
        left = [one for one in left if one not in mine]
        lines += ["", f"## {title}: every page", ""]
        lines += [f"![{one.file.replace('-', ' ')}](tour/{_name(one)})\n" for one in mine]
    return lines


def _name(one: Opened) -> str:
    return f"page-{one.file}.webp"


def _raw(file: str, *, phone: bool, dark: bool) -> str:
    return f"{file}{'-phone' if phone else ''}{'-dark' if dark else ''}.png"
