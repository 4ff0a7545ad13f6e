"""The address guard: where we go for a requester's media, where never, and what we take from there."""

import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from threading import Event
from typing import Any

import pytest

from crowd.projects import addresses
from crowd.projects.errors import FetchRefused
from crowd.projects.fetch import fetch
from crowd.projects.media_types import KINDS, sniff
from tests.projects.servers import Site, png, site


@pytest.fixture
def web(settings: Any) -> Iterator[Site]:
    """A web server of our own, which the guard lets us reach."""
    settings.CROWD_FETCH_ALLOW_PRIVATE = ["127.0.0.1/32"]
    with site() as running:
        yield running


def got(url: str) -> bytes:
    file = BytesIO()
    fetch(url, file)
    return file.getvalue()


CLOSED = """
    127.0.0.1 127.8.9.1 0.0.0.0 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1
    192.0.0.1 192.0.2.1 192.88.99.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1
    255.255.255.255 :: ::1 fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0 ff02::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8
    ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 2002:7f00:1:: 2002:808:808::1
    2001::1 2001:0:808:808::1 2001:db8::1 3fff::1 100::1 5f00::1 fec0::1
"""


@pytest.mark.parametrize("address", CLOSED.split())
def test_no_address_of_the_inside_is_open(address: str) -> None:
    assert not addresses.is_open(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "93.184.216.34", "172.32.0.1", "2606:4700::1111", "2a00::1"])
def test_public_addresses_are_open(address: str) -> None:
    assert addresses.is_open(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://2130706433/",  # 127.0.0.1 as one number
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1:8080/",
        "https://192.168.0.1/",
    ],
)
def test_an_address_of_the_inside_is_refused_however_it_is_spelt(url: str) -> None:
    with pytest.raises(FetchRefused, match=r"not a public address|There is no host"):
        got(url)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/x.png",
        "file:///etc/passwd",
        "gopher://example.org/",
        "//example.org/x.png",
        "x.png",
        "",
        "http://",
        "http://[::1",
        "http://example.org:port/",
        "http://example.org:99999/",
        "http://user:secret@example.org/",
        "http://example.org/a b.png",
        "http://example.org/a\r\nX-Evil: 1",
        "http://" + "a" * 64 + ".org/",  # no label of a name is so long
        "http://example.org/" + "a" * 5_000,
    ],
)
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    with pytest.raises(FetchRefused, match=r"web address|user name|control character"):
        got(url)


@pytest.mark.parametrize("port", [22, 25, 6, 1023])
def test_ports_of_other_services_are_refused(port: int) -> None:
    with pytest.raises(FetchRefused, match="not one of the web's"):
        got(f"http://example.org:{port}/")


def test_one_closed_address_among_open_ones_refuses_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_a, **_k: [(2, 1, 6, "", (ip, 80)) for ip in ("8.8.8.8", "10.0.0.1")]
    )
    with pytest.raises(FetchRefused, match=r"not a public address"):
        got("http://rebound.example/")


def test_the_name_is_asked_for_once_and_the_checked_address_is_used(web: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers otherwise the second time changes nothing (DNS rebinding)."""
    web.pages["/a.png"] = (200, {}, b"content")
    asked: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: str, *args: Any, **kwargs: Any) -> Any:
        if host != "rebound.example":
            return real(host, *args, **kwargs)
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "127.0.0.2", *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    assert got(web.url("/a.png", "rebound.example")) == b"content"
    assert asked == ["rebound.example"]
    assert web.asked[0][1]["Host"] == f"rebound.example:{web.port}"


def test_without_the_setting_our_own_server_is_out_of_reach(settings: Any) -> None:
    assert settings.CROWD_FETCH_ALLOW_PRIVATE == []
    with site() as running, pytest.raises(FetchRefused, match=r"not a public address"):
        got(running.url("/"))


def test_a_file_is_fetched_under_its_address_with_query_and_other_scripts(web: Site) -> None:
    body = png()
    web.pages["/b%C3%A4r/1.png?size=%C3%A9&x=1%202"] = (200, {"Content-Type": "text/html"}, body)
    assert got(web.url("/bär/1.png?size=é&x=1%202")) == body
    assert web.asked[0][1]["Accept-Encoding"] == "identity"


def test_redirects_are_followed_five_times_and_checked_each_time(web: Site) -> None:
    web.pages["/end"] = (200, {}, b"here")
    for number in range(6):
        web.pages[f"/{number}"] = (302, {"Location": f"/{number + 1}" if number < 5 else "end"}, b"")
    assert got(web.url("/1")) == b"here"
    with pytest.raises(FetchRefused, match="more than 5 redirects"):
        got(web.url("/0"))
    for inside in ("http://10.0.0.1/", "http://[::1]/", "file:///etc/passwd", "http://127.0.0.2:1234/", "http://["):
        web.pages["/away"] = (301, {"Location": inside}, b"")
        with pytest.raises(FetchRefused, match=r"not a public address|not a web address"):
            got(web.url("/away"))


def test_too_large_a_file_is_refused_by_its_word_and_by_its_bytes(web: Site, settings: Any) -> None:
    settings.CROWD_FETCH_LIMIT_BYTES = 1_000
    web.pages["/fits"] = (200, {}, b"x" * 1_000)
    web.pages["/says"] = (200, {"Content-Length": "1001"}, b"")
    assert len(got(web.url("/fits"))) == 1_000
    with pytest.raises(FetchRefused, match="larger than 1000"):
        got(web.url("/says"))

    def without_end(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        request.wfile.write(b"x" * 100_000)

    web.pages["/never says"] = without_end
    web.pages["/never"] = without_end
    with pytest.raises(FetchRefused, match="larger than 1000"):
        got(web.url("/never"))


@pytest.mark.parametrize("pause", [0.01, 600], ids=["drips", "is silent"])
def test_a_server_that_takes_its_time_is_left(web: Site, settings: Any, pause: float) -> None:
    settings.CROWD_FETCH_SECONDS = 0.3
    left = Event()

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while not left.wait(pause):
            request.wfile.write(b"x")

    web.pages["/slow"] = answer
    started = time.monotonic()
    with pytest.raises(FetchRefused, match="too long"):
        got(web.url("/slow"))
    assert time.monotonic() - started < 60
    left.set()


@pytest.mark.parametrize(
    ("page", "sentence"),
    [
        ((404, {}, b""), "answered 404"),
        ((500, {}, b""), "answered 500"),
        ((204, {}, b""), "answered 204"),
        ((200, {"Content-Encoding": "gzip"}, b"x"), "packed form"),
        ((302, {}, b""), "answered 302"),
        ((200, {"Content-Length": "100"}, b"cut short"), "could not be reached"),
    ],
)
def test_bad_answers_are_said(web: Site, page: Any, sentence: str) -> None:
    web.pages["/x"] = page
    with pytest.raises(FetchRefused, match=sentence):
        got(web.url("/x"))


def test_a_server_that_is_not_there(settings: Any) -> None:
    settings.CROWD_FETCH_ALLOW_PRIVATE = ["127.0.0.1/32"]
    with site() as gone:
        url = gone.url("/")
    with pytest.raises(FetchRefused, match="could not be reached"):
        got(url)


@pytest.mark.parametrize(
    ("head", "content_type"),
    [
        (png(), "image/png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"GIF89a\x01\x00", "image/gif"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"RIFF\x24\x00\x00\x00AVI LIST", ""),
        (b"OggS\x00\x02" + b"\x00" * 22 + b"\x01vorbis", "audio/ogg"),
        (b"OggS\x00\x02" + b"\x00" * 22 + b"OpusHead", "audio/ogg"),
        (b"OggS\x00\x02" + b"\x00" * 22 + b"\x80theora", ""),
        (b"fLaC\x00\x00", "audio/flac"),
        (b"ID3\x04\x00", "audio/mpeg"),
        (b"\xff\xfb\x90\x64", "audio/mpeg"),
        (b"\xff\xff\xff\xff", ""),
        (b"\x00\x00\x00\x20ftypM4A \x00", "audio/mp4"),
        (b"\x00\x00\x00\x20ftypisom\x00", "video/mp4"),
        (b"\x00\x00\x00\x20ftypavif\x00", ""),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", "video/webm"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x88matroska", ""),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", ""),
        (b"<html><script>alert(1)</script>", ""),
        (b"%PDF-1.7", ""),
        (b"", ""),
    ],
)
def test_a_file_is_what_its_first_bytes_say(head: bytes, content_type: str) -> None:
    assert sniff(head) == content_type
    assert content_type == "" or any(content_type in kind for kind in KINDS.values())
