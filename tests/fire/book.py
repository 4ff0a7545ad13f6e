"""What the people of a run were told by the site: the other side's book, against which its database is held."""

import threading
import time
from collections import Counter
from dataclasses import dataclass

from tests.fire.line import Reply, Request

Key = tuple[int, int]  # an assignment and its attempt
SHOWN = 400


@dataclass
class Acknowledged:
    value: str
    answer: int | None  # the id, where the door tells it
    counted: bool | None = None  # as it was told when it was stored; None where only a repetition was told of it


class Book:
    """Shared by all threads of a run."""

    def __init__(self) -> None:
        self.acknowledged: dict[Key, Acknowledged] = {}
        self.statuses: Counter[str] = Counter()
        self.repeats = 0
        self.seconds: list[float] = []  # that people waited for what was done; who is bad does not count
        self.longest_gap = 0.0  # seconds without any acknowledgement, of anybody
        self._breaches: Counter[str] = Counter()
        self._last: float | None = None
        self._lock = threading.Lock()

    def reply(self, request: Request, reply: Reply, *, bad: bool = False) -> None:
        with self._lock:
            self.statuses[str(reply.status)] += 1
            if reply.status == 200 and not bad:
                self.seconds.append(reply.seconds)
        if reply.status == 500:
            self.breach(f"500 from {request.method} {request.path}: {reply.body[:SHOWN].decode(errors='replace')}")

    def lost(self) -> None:
        with self._lock:
            self.statuses["no answer"] += 1

    def unanswered(self) -> int:
        """Requests that got no answer, or that the site could not serve."""
        return sum(self.statuses[one] for one in ("no answer", "500", "502", "503", "504"))

    def acknowledge(self, key: Key, value: str, answer: int | None, reply: Reply) -> None:
        """A submit was answered with 200, for the first time or again."""
        first, counted = not reply.told["again"], bool(reply.told["counted"])
        with self._lock:
            now = time.monotonic()
            self.longest_gap, self._last = max(self.longest_gap, now - (self._last or now)), now
            known = self.acknowledged.setdefault(key, Acknowledged(value, answer))
            self.repeats += known.answer == answer is not None
            known.answer = answer if known.answer is None else known.answer
            stored_twice = first and known.counted is not None
            known.counted = counted if first else known.counted
            differs = answer is not None and answer != known.answer
        if differs:
            self.breach(f"Two answers for {key}: {known.answer} and {answer}")
        if stored_twice:
            self.breach(f"Two submits of {key} were told that theirs was the first")

    def breach(self, sentence: str) -> None:
        with self._lock:
            self._breaches[sentence] += 1

    @property
    def breaches(self) -> list[str]:
        return [f"{sentence} ({times} times)" if times > 1 else sentence for sentence, times in self._breaches.items()]
