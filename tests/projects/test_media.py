"""Links to a requester's files: for one person, for a while, and not to be guessed."""

from datetime import timedelta

import pytest
from django.core import signing

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
    elsewhere = signing.Signer(salt="elsewhere").sign_object([file.pk, requester.pk, 2**40])
    short = signing.Signer(salt=media.SALT).sign_object([1])
    for bad in ("", "x", token[:-1] + ("A" if token[-1] != "A" else "B"), token.swapcase(), elsewhere, short):
        with pytest.raises(NotFound):
            media.open(bad)
