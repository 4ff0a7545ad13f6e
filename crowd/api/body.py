"""Reading what a request carries. JSON is read strictly: no key twice, no NaN, no NUL, nothing bottomless."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, MultiPartParser

from crowd.api.errors import TooLarge
from crowd.kernel.errors import BadInput
from crowd.labeling import strict_json

FORM_BYTES = 1024 * 1024  # what a form adds to its file


class StrictJson(BaseParser):
    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise TooLarge(_("A request has at most %(most)s bytes; send larger files as an upload.") % {"most": limit})
        try:
            return strict_json.loads(raw.decode())
        except UnicodeDecodeError as error:
            raise ParseError(_("This is not UTF-8: byte %(place)s.") % {"place": error.start + 1}) from error
        except strict_json.JsonError as error:
            raise (BadInput(errors={error.path: error.message}) if error.path else ParseError(str(error))) from error


class FileForm(MultiPartParser):
    """A form with a file; refused before it fills the disk."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        request = (parser_context or {})["request"]
        limit = settings.CROWD_UPLOAD_LIMIT_BYTES
        if int(request.headers.get("content-length") or 0) > limit + FORM_BYTES:
            raise TooLarge(_("A file has at most %(most)s bytes.") % {"most": limit})
        return super().parse(stream, media_type, parser_context)


class Input(serializers.Serializer[Any]):
    """What a request may say. Names that mean nothing are refused: a typing mistake would otherwise do nothing."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                raise serializers.ValidationError({str(name): [_("There is no such field.")] for name in unknown})
        return super().to_internal_value(data)


class Filters(Input):
    """What may stand in the address after the question mark. Empty values mean nothing."""

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value({name: value for name, value in data.items() if value != ""})


def read_names(kind: type[Input], data: Any) -> dict[str, Any]:
    """The object as it came, if all of its names mean something."""
    if not isinstance(data, Mapping):
        raise ParseError(_("This must be a JSON object."))
    known = kind().fields
    unknown = {name: [_("There is no such field.")] for name in data if name not in known}
    if unknown:
        raise serializers.ValidationError(unknown)
    return dict(data)


def read(kind: type[Input], data: Any) -> dict[str, Any]:
    """The checked values. Raises DRF's ValidationError with the places."""
    given = kind(data=data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def read_small(file: "UploadedFile[Any]") -> bytes:
    """A file that is read in one piece. Raises TooLarge."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if (file.size or 0) > limit:
        raise TooLarge(_("This file has more than %(most)s bytes.") % {"most": limit})
    found: bytes = file.read()
    return found
