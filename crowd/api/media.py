"""Media of requesters, under addresses that are signed for one person and expire. Films can be wound: Range is kept.

The bytes are a stranger's. They are never run: their type is what import found them to be, and the browser may neither
guess another one nor give the page any right.
"""

import re
from collections.abc import Iterator
from typing import IO, Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from crowd.api.deeds import ANYBODY, Call, Endpoint, deed
from crowd.kernel.errors import NotFound
from crowd.projects import copies, media, shown
from crowd.projects.models import MediaFile, Task
from crowd.projects.tiles import Tile, cut_out, type_of
from crowd.users.models import User

CHUNK = 64 * 1024
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class Media(Endpoint):
    @deed("A file that an item shows", scope=ANYBODY, rate="media", files=("*/*",))
    def get(self, call: Call, token: str) -> HttpResponseBase:
        """The address comes with the task; it is good for an hour or two."""
        file = media.open(token)
        if not media.is_named(token):
            file.filename = ""
        if (tile := media.tile_in(token)) is not None:
            return _cut_out(call, file, tile)
        if media.is_of_copy(token) and (name := _copy(file)):
            return _copied(file, name)
        if settings.CROWD_S3_BUCKET:
            return HttpResponseRedirect(_in_the_bucket(file, file.storage_name, file.content_type))
        return _served(file, call.request.headers.get("Range", ""), call.request.headers.get("If-Range", ""))


def payload(task: Task, *, config: dict[str, Any], user: User) -> dict[str, Any]:
    """What a task shows, with addresses signed for `user` in place of the ids of files."""
    return shown.payload(task, config=config, user=user, address=address)


def address(token: str) -> str:
    return reverse("api:media", args=[token])


def _in_the_bucket(file: MediaFile, name: str, content_type: str) -> str:
    """A link that works for a while; the bucket answers with the type that import found, not with one of its own."""
    said = {
        "ResponseContentType": content_type,
        "ResponseContentDisposition": content_disposition_header(False, file.filename) or "inline",
        "ResponseCacheControl": "private, max-age=3600",
    }
    return default_storage.url(name, parameters=said)  # type: ignore[call-arg]


def _copy(file: MediaFile) -> str | None:
    """None: it has to be shown as it is."""
    try:
        return copies.found(file)
    except FileNotFoundError as error:
        raise NotFound from error


def _copied(file: MediaFile, name: str) -> HttpResponseBase:
    kind = copies.type_of(file)
    if settings.CROWD_S3_BUCKET:
        return HttpResponseRedirect(_in_the_bucket(file, name, kind))
    return _headed(FileResponse(default_storage.open(name)), file, kind, f'"{file.sha256}-copy"')


def _cut_out(call: Call, file: MediaFile, tile: Tile) -> HttpResponseBase:
    """A tile that the browser has already is not cut out again. Raises NotFound for a damaged picture."""
    tag = f'"{file.sha256}-{"-".join(map(str, tile.place))}"'
    response = get_conditional_response(call.request, etag=tag)
    return _headed(response or HttpResponse(_bytes(file, tile)), file, type_of(file.content_type), tag)


def _bytes(file: MediaFile, tile: Tile) -> bytes:
    with _open(file) as whole:
        try:
            return cut_out(whole, file.content_type, tile)
        except OSError as error:
            raise NotFound from error


def _served(file: MediaFile, wanted: str, only_if: str) -> HttpResponseBase:
    tag = f'"{file.sha256}"'
    span = _span(wanted, file.size) if wanted and only_if in ("", tag) else None
    if span is not None and not span:
        response: HttpResponseBase = HttpResponse(status=416, headers={"Content-Range": f"bytes */{file.size}"})
    else:
        response = _whole(file) if span is None else _part(file, span)
    response["Accept-Ranges"] = "bytes"
    return _headed(response, file, file.content_type, tag)


def _headed(response: HttpResponseBase, file: MediaFile, content_type: str, tag: str) -> HttpResponseBase:
    response["Content-Type"] = content_type
    response["Content-Disposition"] = content_disposition_header(False, file.filename) or "inline"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, max-age=3600"
    response["ETag"] = tag
    return response


def _span(wanted: str, size: int) -> range | None:
    """The bytes asked for, empty when there are none such; None when the whole file is to be sent."""
    found = RANGE.fullmatch(wanted.strip())
    if found is None or found.groups() == ("", ""):
        return None  # several ranges at once, or another unit: allowed to be ignored
    first, last = found.groups()
    if not first:
        return range(max(size - int(last), 0), size)
    return range(int(first), min(int(last) + 1 if last else size, size))


def _whole(file: MediaFile) -> HttpResponseBase:
    return FileResponse(_open(file))


def _part(file: MediaFile, span: range) -> HttpResponseBase:
    stream = _open(file)
    stream.seek(span.start)
    response = StreamingHttpResponse(_read(stream, len(span)), status=206)
    response["Content-Length"] = str(len(span))
    response["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{file.size}"
    return response


def _open(file: MediaFile) -> IO[Any]:
    try:
        return default_storage.open(file.storage_name)
    except FileNotFoundError as error:
        raise NotFound from error


def _read(stream: IO[Any], left: int) -> Iterator[bytes]:
    with stream:
        while left > 0 and (chunk := stream.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
