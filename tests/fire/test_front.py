"""deploy/nginx.conf lets large files in where files are asked for, and nowhere else."""

import inspect
import re
from collections.abc import Iterator, Sequence
from typing import Any

from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from crowd.api.deeds import FormEndpoint
from tests.fire.parts import ROOT

PAGES = {  # with a form for a file
    "web:ask-qualification",
    "web:bring-record",
    "web:requester:items",
    "web:requester:qualification",
    "web:requester:reconfigure",
    "web:requester:setup-data",
    "web:staff:batch-results",
}


def addresses(patterns: Sequence[Any], above: str = "/", space: str = "") -> Iterator[tuple[str, str, Any]]:
    """Of the whole site: each address, ids as 7, its name, and what answers there."""
    for one in patterns:
        here = above + re.sub(r"<[^>]+>", "7", str(one.pattern))
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from addresses(one.url_patterns, here, inner)
        else:
            assert isinstance(one, URLPattern)
            yield here, f"{space}{one.name}", one.callback


def takes_files(name: str, view: Any) -> bool:
    kind = getattr(view, "cls", None) or getattr(view, "view_class", None)
    return name in PAGES or (isinstance(kind, type) and issubclass(kind, FormEndpoint))


def test_whoever_sends_a_file_may_send_a_large_one_and_nobody_else() -> None:
    places = re.findall(r"location ~ (\S+) \{\s+client_max_body_size 2g;", (ROOT / "deploy" / "nginx.conf").read_text())
    found = list(addresses(get_resolver().url_patterns))
    wanted = {path for path, name, view in found if takes_files(name, view)}

    assert wanted == {path for path, _name, _view in found if any(re.search(place, path) for place in places)}
    assert {path.split("/")[1] for path in wanted} == {"api", "requester", "staff", "work"}
    for path in wanted:
        assert not any(re.search(place, f"/x{path}") or re.search(place, f"{path}x/") for place in places)


def test_the_pages_that_take_files_are_all_known() -> None:
    """Who reads a form's files stands in the list above, or reads them for such a page."""
    views = {name: inspect.unwrap(view) for _path, name, view in addresses(get_resolver().url_patterns)}
    listed = {inspect.getsourcefile(views[name]) for name in PAGES}
    reading = {str(one) for one in (ROOT / "crowd" / "web").rglob("*.py") if "request.FILES" in one.read_text()}

    assert reading - {str(ROOT / "crowd" / "web" / "staff" / "kit.py")} == listed  # kit: any act's form may have one
