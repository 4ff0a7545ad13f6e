"""A file of our storage as the answer to a request; the caller has passed its door."""

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from crowd.kernel.errors import NotFound


def answer(*, storage_name: str, filename: str, content_type: str) -> HttpResponseBase:
    """To be saved, not shown; from a bucket, by an address that works for a while. NotFound where it is gone."""
    if settings.CROWD_S3_BUCKET:
        said = {"ResponseContentDisposition": f'attachment; filename="{filename}"'}
        return HttpResponseRedirect(default_storage.url(storage_name, parameters=said))  # type: ignore[call-arg]
    try:
        content = default_storage.open(storage_name)
    except FileNotFoundError as error:
        raise NotFound from error
    response = FileResponse(content, as_attachment=True, filename=filename)
    response["Content-Type"] = content_type
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


def attachment(content: bytes, content_type: str, filename: str) -> HttpResponse:
    """The same of bytes at hand, which stay in no cache."""
    headers = {
        "Content-Disposition": f'attachment; filename="{filename}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return HttpResponse(content, content_type=content_type, headers=headers)
