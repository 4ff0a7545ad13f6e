"""What the browser stories begin with: a requester who has money and published digits, texts or pages."""

import io
import re
import zipfile
from typing import Any

from django.core import mail
from PIL import Image
from playwright.sync_api import Page
from sklearn.datasets import load_digits

from crowd.projects import queries
from crowd.projects.models import Project
from crowd.projects.services import config, draft, publish, uploads
from crowd.users.models import Organisation, User
from crowd.users.services import terms as agreeing
from tests import make
from tests.make_project import CENT
from workers.models import Worker

DIGITS: dict[str, Any] = {
    "data": {"kind": "image", "field": "image"},
    "questions": [
        {"id": "digit", "kind": "choice", "text": "Which digit?", "labels": [str(digit) for digit in range(10)]}
    ],
}


def ready_worker(email: str = "wanda@example.org", **fields: Any) -> Worker:
    """Has agreed to everything; nothing stands between him and a task."""
    worker = make.make_worker(user=make.make_user(email, name="Wanda Worker"), **{"languages": ["en"]} | fields)
    agreeing.accept_current(user=worker.user, adult=True)
    return worker


def digits(actor: User, organisation: Organisation, count: int = 6, guidelines: str = "", **settings: Any) -> Project:
    """Real handwritten digits as PNGs, through an upload of a zip, published and paid."""
    settings = {"title": "Digits", "reward_micros": 4 * CENT, "redundancy": 2} | settings
    project = draft.create(actor=actor, organisation=organisation, **settings)
    config.set_config(actor=actor, project_id=project.pk, config=DIGITS)
    if guidelines:
        config.set_guidelines(actor=actor, project_id=project.pk, text=guidelines)
    stream = io.BytesIO(zipped(count))
    upload = uploads.receive(actor=actor, project_id=project.pk, stream=stream, filename="digits.zip", format="zip")
    uploads.process(upload_id=upload.pk)
    return published(actor, project)


def published(actor: User, project: Project) -> Project:
    project.refresh_from_db()
    price = queries.price(project)
    make.make_money(project.organisation, price.total_micros, project.currency)
    return publish.publish(actor=actor, project_id=project.pk)


def zipped(count: int) -> bytes:
    pictures = load_digits().images[:count]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, pixels in enumerate(pictures):
            archive.writestr(f"digit-{number:03d}.png", _png(pixels))
    return file.getvalue()


def _png(pixels: Any) -> bytes:
    small = Image.fromarray((255 - pixels * 15.9).astype("uint8"), mode="L")
    file = io.BytesIO()
    small.resize((192, 192), Image.Resampling.BICUBIC).save(file, "PNG")
    return file.getvalue()


def sign_up(page: Page, email: str) -> None:
    """As anybody does: address and password, the link in the mail, and then signed in."""
    secret = "a quiet long sentence"
    page.goto("/accounts/signup/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(secret)
    page.get_by_label(re.compile("again", re.I)).fill(secret)
    page.get_by_role("button", name="Sign up").click()
    page.wait_for_url("**/accounts/confirm-email/")  # the mail has gone out, and the browser knows whose it is
    page.goto(re.findall(r"https?://[^/]+(/accounts/confirm\S+)", str(mail.outbox[-1].body))[0])
    page.get_by_role("button", name=re.compile("confirm", re.I)).click()
    page.wait_for_url("**/accounts/login/**")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(secret)
    page.get_by_label("Password").press("Enter")
    page.wait_for_url(lambda url: "/accounts/" not in url)
