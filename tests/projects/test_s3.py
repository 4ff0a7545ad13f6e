"""Media in S3-compatible storage: what settings say of a bucket, tried against one that checks every signature."""

import io
import os
import zipfile
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from crowd.kernel.clock import now
from crowd.kernel.errors import Unavailable
from crowd.projects import copies, media
from crowd.projects.models import MediaFile
from crowd.projects.services import config, draft, uploads
from crowd.users.models import Organisation, User
from tests.projects import s3_server
from tests.projects.s3_server import Bucket
from tests.projects.servers import png

IMAGES = {
    "data": {"kind": "image", "field": "image"},
    "questions": [{"id": "cat", "kind": "choice", "text": "Cat?", "labels": ["yes", "no"]}],
}


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    with s3_server.as_storage() as found:
        yield found


def test_files_are_kept_listed_read_and_deleted(bucket: Bucket) -> None:
    name = default_storage.save("exports/1/é & <b>.csv", ContentFile(b"one\ntwo\n"))
    again = default_storage.save("exports/1/é & <b>.csv", ContentFile(b"three\n"))

    assert name != again  # nothing is overwritten
    assert default_storage.size(name) == 8
    with default_storage.open(name) as stream:
        assert stream.readline() == b"one\n"
        stream.seek(1)
        assert stream.read() == b"ne\ntwo\n"
    assert set(default_storage.listdir("exports/1")[1]) == {name.rpartition("/")[2], again.rpartition("/")[2]}
    assert default_storage.listdir("exports/2") == ([], [])

    default_storage.delete(name)
    default_storage.delete(name)
    assert not default_storage.exists(name)
    with pytest.raises(FileNotFoundError):
        default_storage.open(name)
    assert bucket.refused == 0


def test_a_large_file_goes_in_parts(bucket: Bucket) -> None:
    content = os.urandom(1 << 20) * 9
    name = default_storage.save("large", ContentFile(content))
    assert len(bucket.parts) > 1
    with default_storage.open(name) as stream:
        assert stream.read() == content


@pytest.mark.django_db(transaction=True)
def test_an_import_keeps_its_media_there_and_a_signed_link_shows_them(
    bucket: Bucket, requester: User, organisation: Organisation
) -> None:
    project = draft.create(actor=requester, organisation=organisation, title="Cats", reward_micros=10_000)
    config.set_config(actor=requester, project_id=project.pk, config=IMAGES)
    pictures = {"red.png": png("red"), "blue.png": png("blue"), "large.png": png("green", (2_600, 1_300))}
    pictures["thin.png"] = png("green", (2_600, 2))  # takes fewer bytes than its copy would
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in pictures.items():
            archive.writestr(name, content)
    file.seek(0)
    upload = uploads.receive(actor=requester, project_id=project.pk, stream=file, filename="cats.zip", format="zip")
    assert list(bucket.objects) == [upload.storage_name]
    upload = uploads.process(upload_id=upload.pk)

    assert (upload.state, upload.errors) == ("done", [])
    contents = {content for _kind, content in bucket.objects.values()}
    assert (contents >= set(pictures.values()), len(bucket.objects)) == (True, 6)  # of the large one a copy too
    one = MediaFile.objects.get(filename="red.png")
    answer = Client().get(f"/api/v1/media/{media.sign(one, requester, named=True, now=now())}/")
    assert answer.status_code == 302
    with urlopen(answer["Location"]) as shown:
        assert shown.read() == pictures["red.png"]
        assert shown.headers["Content-Type"] == "image/png"
        assert "red.png" in shown.headers["Content-Disposition"]
    with urlopen(Request(answer["Location"], headers={"Range": "bytes=0-3"})) as part:
        assert part.read() == b"\x89PNG"
    large, thin = (MediaFile.objects.get(filename=name) for name in ("large.png", "thin.png"))
    default_storage.delete(copies.name_of(large.storage_name))  # as in a bucket from before there were copies
    copy = Client().get(f"/api/v1/media/{media.sign(large, requester, copy=True, now=now())}/")
    with urlopen(copy["Location"]) as shown:
        assert (shown.headers["Content-Type"], shown.read()[8:12]) == ("image/webp", b"WEBP")
    copy = Client().get(f"/api/v1/media/{media.sign(thin, requester, copy=True, now=now())}/")
    with urlopen(copy["Location"]) as shown:
        assert shown.read() == pictures["thin.png"]
    assert bucket.refused == 0

    for forged in (answer["Location"].replace("image%2Fpng", "text%2Fhtml"), answer["Location"].partition("?")[0]):
        with pytest.raises(HTTPError) as refused:
            urlopen(forged)
        assert refused.value.code == 403


def test_a_bucket_that_does_not_answer_is_an_outage_and_no_fault_of_the_program(bucket: Bucket) -> None:
    name = default_storage.save("kept", ContentFile(b"kept"))
    bucket.is_open = False
    for deed in (lambda: default_storage.save("new", ContentFile(b"new")), lambda: default_storage.open(name)):
        with pytest.raises(Unavailable):
            deed()

    bucket.is_open = True
    with default_storage.open(name) as stream:
        assert stream.read() == b"kept"
