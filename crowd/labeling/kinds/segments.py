"""Segments: stretches of a recording or of sensor data. Canonical mark: label, start, end (seconds), channel if any."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from crowd.labeling.errors import AnswerError
from crowd.labeling.fields import Fields, listed, meant, shown
from crowd.labeling.kinds.marks import Mark, Marks, check_size
from crowd.labeling.scene import Scene
from crowd.labeling.speech import joined, say

MOST_CHANNELS = 100


@dataclass(frozen=True, kw_only=True)
class Segments(Marks):
    """Speakers, sounds, actions, states. Sorted by time. With `channels`, each segment is on one of them; segments on
    one channel share time only where `overlap` allows. With `transcript`, each carries what is said in it."""

    kind: ClassVar[str] = "segments"
    transcribed: ClassVar[bool] = True

    channels: tuple[str, ...] = ()
    overlap: bool = True

    @classmethod
    def read_own(cls, fields: Fields) -> dict[str, Any]:
        channels = () if fields.get("channels") is None else fields.names("channels", at_most=MOST_CHANNELS)
        return {"channels": channels, "overlap": fields.flag("overlap", default=True)}

    def geometry(self, mark: Mark, scene: Scene) -> dict[str, Any]:
        start = mark.number("start", low=scene.start, high=scene.end)
        end = mark.number("end", low=scene.start, high=scene.end)
        if end < start:
            raise AnswerError(mark.at("end"), say("This segment ends before it begins."))
        check_size(end - start, self.min_size, mark.path)
        return {"start": start, "end": end} | self._channel(mark)

    def _channel(self, mark: Mark) -> dict[str, str]:
        if not self.channels:
            return {}
        channel = mark.get("channel")
        if not isinstance(channel, str) or channel not in self.channels:
            hint = meant(channel, self.channels) or say("They are %(names)s.", names=listed(self.channels))
            sentence = joined(say("%(value)s is not one of the channels.", value=shown(channel)), hint)
            raise AnswerError(mark.at("channel"), sentence)
        return {"channel": channel}

    def together(self, marks: list[dict[str, Any]], path: str) -> list[dict[str, Any]]:
        marks = sorted(marks, key=lambda one: (one["start"], one["end"], self.order[one["label"]]))
        for channel in self.channels or ("",):
            for one, other in pairwise([mark for mark in marks if mark.get("channel", "") == channel]):
                if not self.overlap and other["start"] < one["end"]:
                    sentence = say("Two segments overlap at %(start)s, which is not allowed.", start=other["start"])
                    raise AnswerError(path, sentence)
        return marks

    def own_json(self) -> dict[str, Any]:
        return super().own_json() | {"channels": list(self.channels), "overlap": self.overlap}

    @classmethod
    def own_schema(cls) -> dict[str, Any]:
        own = super().own_schema()
        name = {"type": "string", "minLength": 1}
        more = {
            "channels": {"type": "array", "items": name, "maxItems": MOST_CHANNELS, "default": []},
            "overlap": {"type": "boolean", "default": True},
        }
        return own | {"properties": own["properties"] | more}
