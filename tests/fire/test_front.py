"""deploy/nginx.conf lets files in where files are asked for, and nowhere else."""

import re
from collections.abc import Sequence

from django.urls.resolvers import URLPattern, URLResolver

from crowd.api.deeds import FormEndpoint
from crowd.api.urls import urlpatterns
from tests.fire.parts import ROOT


def addresses(patterns: Sequence[URLPattern | URLResolver]) -> dict[str, bool]:
    """Of the API: each address, ids as 7, and whether it takes a form with a file."""
    found = {}
    for one in patterns:
        assert isinstance(one, URLPattern)
        kind = getattr(one.callback, "cls", None) or getattr(one.callback, "view_class", None)
        takes_files = isinstance(kind, type) and issubclass(kind, FormEndpoint)
        found["/api/v1/" + re.sub(r"<[^>]+>", "7", str(one.pattern))] = takes_files
    return found


def test_whoever_sends_a_file_may_send_a_large_one() -> None:
    (place,) = re.findall(
        r"location ~ (\S+) \{\s+client_max_body_size 2g;", (ROOT / "deploy" / "nginx.conf").read_text()
    )
    api = addresses(urlpatterns)
    assert any(api.values())
    assert [path for path, takes_files in api.items() if takes_files and not re.search(place, path)] == []
    assert not re.search(place, "/api/v1/assignments/7/submit/")
    assert not re.search(place, "/work/tasks/7/submit/")
