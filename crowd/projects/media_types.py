"""What a file is, by its first bytes: neither its name nor a server's word for it is believed."""

HEAD_BYTES = 512
PDF, PDF_START = "application/pdf", b"%PDF-"

KINDS: dict[str, frozenset[str]] = {
    "image": frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"}),
    "audio": frozenset({"audio/mpeg", "audio/wav", "audio/ogg", "audio/flac", "audio/mp4"}),
    "video": frozenset({"video/mp4", "video/webm"}),
}
EXTENSIONS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "audio/ogg": ".ogg",
    "audio/flac": ".flac",
    "audio/mp4": ".m4a",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
}
_AUDIO_BRANDS = (b"M4A ", b"M4B ", b"M4P ")
_IMAGE_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1")
_OGG_VIDEO = (b"\x80theora", b"BBCD")


def sniff(head: bytes) -> str:
    """The content type of a file that begins so (512 bytes are enough); empty when it is none that we know."""
    for start, content_type in _STARTS.items():
        if head.startswith(start):
            return content_type
    if head.startswith(b"RIFF"):
        return {b"WAVE": "audio/wav", b"WEBP": "image/webp"}.get(head[8:12], "")
    if head.startswith(b"OggS"):
        return "" if any(mark in head for mark in _OGG_VIDEO) else "audio/ogg"
    if head[4:8] == b"ftyp":
        return _iso_media(head[8:12])
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm" if b"webm" in head[:64] else ""
    return "audio/mpeg" if _is_mpeg_frame(head) else ""


def _iso_media(brand: bytes) -> str:
    if brand in _AUDIO_BRANDS:
        return "audio/mp4"
    return "" if brand in _IMAGE_BRANDS or brand == b"qt  " else "video/mp4"


def _is_mpeg_frame(head: bytes) -> bool:
    """A frame header of MPEG audio, layer III: eleven set bits, then no reserved value in any field."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bit_rate, sample_rate = head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and layer == 1 and bit_rate not in (0, 15) and sample_rate != 3


_STARTS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"fLaC": "audio/flac",
    b"ID3": "audio/mpeg",
}
