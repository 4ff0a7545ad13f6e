"""Links to a requester's files: for one person, for a while, and not to be guessed."""

import base64
from datetime import timedelta
from typing import Any

import pytest

from crowd.kernel import clock
from crowd.kernel.errors import NotFound
from crowd.projects import media
from crowd.projects.errors import LinkExpired
from crowd.projects.models import MediaFile
from crowd.users.models import Organisation, User
from tests.make_project import make_draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(requester: User, organisation: Organisation) -> MediaFile:
    return MediaFile.objects.create(
        project=make_draft(actor=requester, organisation=organisation),
        storage_name="media/1",
        filename="cat.png",
        content_type="image/png",
        size=1,
        sha256="0" * 64,
    )


def test_a_link_opens_its_file_for_its_person(file: MediaFile, requester: User, stranger: User) -> None:
    token = media.sign(file, requester)
    assert media.open(token) == media.open(token, user=requester) == file
    with pytest.raises(NotFound):
        media.open(token, user=stranger)


def test_nobody_reads_out_of_a_link_which_file_it_is_of(file: MediaFile, requester: User) -> None:
    """Files of one import have ids that follow each other: whoever met gold among them would know the rest."""
    MediaFile.objects.filter(pk=file.pk).update(id=10**12 + 7)
    token = media.sign(MediaFile.objects.get(), requester)
    read = base64.urlsafe_b64decode(token.partition(":")[0] + "==")
    assert str(10**12 + 7).encode() not in read
    assert media.open(token).pk == 10**12 + 7


def test_a_link_outlives_the_change_of_the_secret_key(file: MediaFile, requester: User, settings: Any) -> None:
    token = media.sign(file, requester)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
    assert media.open(token) == file
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(NotFound):
        media.open(token)


def test_a_link_ends_after_one_to_two_hours_and_is_the_same_within_one(file: MediaFile, requester: User) -> None:
    now = clock.now().replace(minute=10, second=0, microsecond=0)
    token = media.sign(file, requester, now=now)
    assert media.sign(file, requester, now=now + timedelta(minutes=49)) == token
    assert media.sign(file, requester, now=now + timedelta(minutes=51)) != token
    assert media.open(token, now=now + timedelta(minutes=109)) == file
    with pytest.raises(LinkExpired):
        media.open(token, now=now + timedelta(minutes=110))


def test_a_link_that_is_not_ours_finds_nothing(file: MediaFile, requester: User) -> None:
    token = media.sign(file, requester)
    changed, foreign = ("B" if token[3] == "A" else "A").join((token[:3], token[4:])), f"{token}\u00e4"
    for bad in ("", "x", "é", changed, foreign, token[:-4], token.swapcase()):
        with pytest.raises(NotFound):
            media.open(bad)
