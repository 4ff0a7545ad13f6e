"""What is done to the site while people work: again and again, in an order that the seed decides."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

from tests.fire.site import Site


class Blows(threading.Thread):
    """Every kind once, in random order, then all of them again when the site has come back; each some seconds after the
    last, whether it has come back or not.

    A blow waits until there is something to hit, and only what was hit is counted in `dealt`; `each` is set when every
    kind was.
    """

    def __init__(self, *, site: Site, random: Random, done: threading.Event, pause_s: float) -> None:
        super().__init__(daemon=True)
        self.site, self.random, self.done, self.pause_s = site, random, done, pause_s
        self.dealt: Counter[str] = Counter()
        self.each = threading.Event()
        self.kinds: dict[str, Callable[[], bool]] = {
            "one web worker": lambda: site.web.kill_one(random),
            "web server": site.web.kill,
            "one job process": lambda: site.job_worker.kill_one(random),
            "job worker": site.job_worker.kill,
            "beat": site.beat.kill,
            "one database process": lambda: site.database.kill_one(random),
            "database": site.database.kill,
        }
        if site.broker:
            self.kinds["broker"] = site.broker.kill
        if site.front:
            self.kinds["front"] = site.front.kill

    def run(self) -> None:
        for name in self._order():
            if self.done.wait(self.random.uniform(0.7, 1.3) * self.pause_s):
                return
            while not self.kinds[name]():
                if self.done.wait(0.1):
                    return
            self.dealt[name] += 1
            if len(self.dealt) == len(self.kinds):
                self.each.set()

    def missing(self) -> list[str]:
        """What was not hit once."""
        return sorted(self.kinds.keys() - self.dealt)

    def _order(self) -> Iterator[str]:
        """On a machine that does much else it would never come back, and people would give up."""
        while True:
            yield from self.random.sample(sorted(self.kinds), len(self.kinds))
            while not (self.site.is_healthy() or self.done.wait(0.1)):
                pass
