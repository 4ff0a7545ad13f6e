"""A small bucket on this machine that speaks S3: objects in memory, and every signature (version 4) is checked."""

import hashlib
import hmac
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape

import pytest
from django.conf import settings
from django.test import override_settings

BUCKET, REGION = "labels", "eu-test-1"
KEY_ID, SECRET = "AKIATEST", "not a secret"
QUERY_SIGNATURE = "X-Amz-Signature"


@dataclass
class Bucket:
    """`objects` maps a key to (content type, bytes); `asked` tells method and key of each request that was believed."""

    port: int
    objects: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    parts: dict[int, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    refused: int = 0
    is_open: bool = True

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def bucket() -> Iterator[Bucket]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.bucket = Bucket(server.server_port)  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    try:
        yield server.bucket  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def as_storage() -> Iterator[Bucket]:
    """Django and what it starts keep their files there, as a site that has a bucket."""
    with pytest.MonkeyPatch.context() as patch, bucket() as found:
        patch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        told = {"default": _as_settings_say(found.endpoint), "staticfiles": settings.STORAGES["staticfiles"]}
        with override_settings(STORAGES=told, CROWD_S3_BUCKET=BUCKET):
            yield found


def _as_settings_say(endpoint: str) -> dict[str, object]:
    """STORAGES as crowd.settings makes it of the environment of a site with a bucket."""
    told = {"CROWD_S3_BUCKET": BUCKET, "CROWD_S3_ENDPOINT": endpoint, "CROWD_S3_REGION": REGION}
    code = "import json; from crowd import settings; print(json.dumps(settings.STORAGES['default']))"
    said = subprocess.run([sys.executable, "-c", code], env=os.environ | told, capture_output=True, check=True)
    found: dict[str, object] = json.loads(said.stdout)
    return found


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_any(self) -> None:
        self.bucket: Bucket = self.server.bucket  # type: ignore[attr-defined]
        address = urlsplit(self.path)
        self.query = dict(parse_qsl(address.query, keep_blank_values=True))
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        folder, _slash, self.key = unquote(address.path).lstrip("/").partition("/")
        if not self.bucket.is_open:
            return self._answer(503, b"<Error><Code>SlowDown</Code></Error>")
        if not self._is_signed(address.path):
            self.bucket.refused += 1
            return self._answer(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
        if folder != BUCKET:
            return self._answer(404, b"<Error><Code>NoSuchBucket</Code></Error>")
        self.bucket.asked.append((self.command, self.key))
        getattr(self, f"_{self.command.lower()}")()
        return None

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_any  # noqa: N815

    def _put(self) -> None:
        if "partNumber" in self.query:
            self.bucket.parts[int(self.query["partNumber"])] = self.body
        else:
            self.bucket.objects[self.key] = (self.headers.get("Content-Type", ""), self.body)
        self._answer(200, b"", {"ETag": '"x"'})

    def _post(self) -> None:
        """A large object comes in parts: begun, and put together at the end."""
        if "uploads" in self.query:
            self.bucket.parts.clear()
            return self._answer(
                200, b"<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>"
            )
        whole = b"".join(content for _number, content in sorted(self.bucket.parts.items()))
        self.bucket.objects[self.key] = ("", whole)
        return self._answer(200, b"<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>")

    def _get(self) -> None:
        if not self.key:
            return self._list()
        if self.key not in self.bucket.objects:
            return self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        kind, content = self.bucket.objects[self.key]
        headers = {"Content-Type": kind, "ETag": '"x"', "Last-Modified": formatdate(usegmt=True)}
        wished = {"Content-Type": "response-content-type", "Content-Disposition": "response-content-disposition"}
        headers |= {name: self.query[asked] for name, asked in wished.items() if asked in self.query}
        if span := self.headers.get("Range"):
            first, _dash, last = span.removeprefix("bytes=").partition("-")
            part = content[int(first) : int(last) + 1 if last else None]
            headers["Content-Range"] = f"bytes {first}-{int(first) + len(part) - 1}/{len(content)}"
            return self._answer(206, part, headers)
        return self._answer(200, content, headers)

    _head = _get

    def _delete(self) -> None:
        self.bucket.objects.pop(self.key, None)
        self._answer(204, b"")

    def _list(self) -> None:
        prefix = self.query.get("prefix", "")
        found = [key for key in sorted(self.bucket.objects) if key.startswith(prefix)]
        inner = "".join(f"<Contents><Key>{escape(key)}</Key></Contents>" for key in found)
        self._answer(200, f"<ListBucketResult><IsTruncated>false</IsTruncated>{inner}</ListBucketResult>".encode())

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _is_signed(self, path: str) -> bool:
        """AWS Signature Version 4, in the address (a link) or in a header; a link must not have ended."""
        if QUERY_SIGNATURE in self.query:
            signed, given = self.query["X-Amz-SignedHeaders"], self.query[QUERY_SIGNATURE]
            stamp, digest = self.query["X-Amz-Date"], "UNSIGNED-PAYLOAD"
            ends = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            if ends + timedelta(seconds=int(self.query["X-Amz-Expires"])) < datetime.now(UTC):
                return False
        else:
            said = self.headers.get("Authorization", "")
            parts = dict(part.strip().split("=", 1) for part in said.partition(" ")[2].split(",") if "=" in part)
            signed, given = parts.get("SignedHeaders", ""), parts.get("Signature", "")
            stamp, digest = self.headers.get("X-Amz-Date", ""), self.headers.get("X-Amz-Content-SHA256", "")
            if digest not in ("UNSIGNED-PAYLOAD", hashlib.sha256(self.body).hexdigest()):
                return False
        return hmac.compare_digest(given, self._signature(path, signed, stamp, digest))

    def _signature(self, path: str, signed: str, stamp: str, digest: str) -> str:
        query = "&".join(
            f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}"
            for name, value in sorted(self.query.items())
            if name != QUERY_SIGNATURE
        )
        headers = "".join(f"{name}:{' '.join((self.headers.get(name) or '').split())}\n" for name in signed.split(";"))
        request = "\n".join([self.command, path, query, headers, signed, digest])
        day = stamp[:8]
        scope = f"{day}/{REGION}/s3/aws4_request"
        text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(request.encode()).hexdigest()])
        key = f"AWS4{SECRET}".encode()
        for step in (day, REGION, "s3", "aws4_request"):
            key = hmac.digest(key, step.encode(), "sha256")
        return hmac.new(key, text.encode(), "sha256").hexdigest()

    def log_message(self, *_message: object) -> None:
        pass
