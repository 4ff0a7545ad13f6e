"""A slow line, as long as a test wants it to be slow."""

from playwright.sync_api import Page, Route


class Line:
    """Requests for what the pattern says wait until `lets_through`."""

    def __init__(self, page: Page, pattern: str) -> None:
        self.waiting: list[Route] = []
        self.is_slow = True
        page.route(pattern, self.on_request)

    def on_request(self, route: Route) -> None:
        if self.is_slow:
            self.waiting.append(route)
        else:
            route.continue_()

    def lets_through(self) -> None:
        self.is_slow = False
        for route in self.waiting:
            route.continue_()
        self.waiting.clear()


def early(page: Page, address: str) -> Line:
    """The page is there, its scripts are not."""
    page.unroute_all()
    scripts = Line(page, "**/build/*.js")
    page.goto(address, wait_until="commit")
    return scripts
