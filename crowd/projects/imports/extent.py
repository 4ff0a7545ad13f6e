"""How large a picture is, how long a recording plays, how many pages a document has, read from the file itself.

Pictures by Pillow, with the rotation that EXIF asks for; sound and film by FFmpeg (PyAV), which reads no more than the
head and, where that does not say it, the packets' times; documents by PDFium.
"""

from dataclasses import dataclass
from typing import IO

import av
from av.audio.codeccontext import AudioCodecContext
from av.codec import CodecContext
from av.error import FFmpegError
from av.stream import Disposition
from django.utils.translation import gettext as _
from PIL import Image

from crowd.projects.errors import FetchRefused
from crowd.projects.imports import pdf
from crowd.projects.tiles import DAMAGED

ORIENTATION = 0x0112  # EXIF
LYING = (5, 6, 7, 8)  # orientations in which width and height are exchanged
MOST_PIXELS = 200_000_000
# What Chrome, Firefox and Safari decode (Safari AV1 only where the device does). Of H.265 and ProRes, as phones and
# cameras write them, that is not so.
PLAYED = {
    "video": ("h264", "vp8", "vp9", "av1"),
    "audio": (
        *("aac", "mp3", "opus", "vorbis", "flac", "pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le"),
        *("pcm_mulaw", "pcm_alaw"),
    ),
}
SAMPLED = range(3_000, 768_001)  # a second; what Chrome plays (Chromium's media/base/limits.h)


@dataclass(frozen=True)
class Extent:
    """None: not of this kind of media, or not to be found out."""

    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    pages: int | None = None


def extent_of(file: IO[bytes], kind: str) -> Extent:
    """The extent of an image, a sound, a film or a document. Raises FetchRefused for a file that no browser could
    show."""
    file.seek(0)
    if kind == "document":
        return Extent(pages=pdf.count(file))
    return _picture(file) if kind == "image" else _recording(file, kind)


def _picture(file: IO[bytes]) -> Extent:
    try:
        with Image.open(file) as image:
            width, height = image.size
            lying = image.getexif().get(ORIENTATION) in LYING
    except DAMAGED as error:
        raise FetchRefused(_("This picture is damaged.")) from error
    if width * height > MOST_PIXELS:
        raise FetchRefused(_("This picture has more than %(most)s pixels.") % {"most": f"{MOST_PIXELS:,}"})
    return Extent(height, width) if lying else Extent(width, height)


def _recording(file: IO[bytes], kind: str) -> Extent:
    try:
        with av.open(file, mode="r") as container:
            seconds = container.duration / av.time_base if container.duration else _last_moment(container)
            _check(container, kind)
            film = _films(container)[0] if kind == "video" else None
            return Extent(film.width, film.height, seconds) if film else Extent(seconds=seconds)
    except (FFmpegError, OSError, ValueError, IndexError) as error:
        raise FetchRefused(_("This recording is damaged.")) from error


def _check(container: "av.container.InputContainer", kind: str) -> None:
    """A film's sound too; not the picture on a cover."""
    for stream in [*container.streams.audio, *(_films(container) if kind == "video" else ())]:
        coded: CodecContext | None = stream.codec_context  # none where FFmpeg does not know it either
        codec = coded.codec.canonical_name if coded is not None else _("an unknown way")
        if codec not in PLAYED[stream.type]:
            said = {"codec": codec, "known": ", ".join(PLAYED[stream.type])}
            raise FetchRefused(
                _("Browsers cannot play it: it is coded as %(codec)s, and not as any of %(known)s.") % said
            )
        if isinstance(coded, AudioCodecContext) and coded.sample_rate not in SAMPLED:
            raise FetchRefused(
                _("Browsers cannot play it: a sound needs from %(least)s to %(most)s samples a second, not %(rate)s.")
                % {"least": f"{SAMPLED[0]:,}", "most": f"{SAMPLED[-1]:,}", "rate": f"{coded.sample_rate:,}"}
            )


def _films(container: "av.container.InputContainer") -> list[av.VideoStream]:
    """Without the picture on its cover, which FFmpeg takes for a film of one frame."""
    return [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]


def _last_moment(container: "av.container.InputContainer") -> float | None:
    """Where the last packet ends: for recordings made in a browser, whose head does not know how long they became."""
    ends = [
        float((packet.pts + (packet.duration or 0)) * packet.time_base)
        for packet in container.demux()
        if packet.pts is not None and packet.time_base is not None
    ]
    return max(ends, default=None)
