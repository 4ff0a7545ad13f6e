"""Every page of the site with somebody who may open it, found through the table of addresses.

Two worlds lie behind it: the demo, which looks like a site in use, and the small one of the API's tests, which has a
thing of every kind. A page is opened in the first of them that has what its address needs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponseBase
from django.test import Client
from django.urls import NoReverseMatch, reverse

from crowd.assignments.models import Assignment, Participation
from crowd.consensus.models import Consensus
from crowd.operations.demo.story import Settings, Story, play
from crowd.payouts.models import Batch, Payout
from crowd.projects.models import Project
from crowd.users.models import User
from qualifications.models import Qualification
from tests.api import world as worlds
from tests.web.test_strangers import PLACES, Place, values
from workers.models import Worker
from workers.services.pseudonyms import pseudonym_for

GUESTS = {"web:home", "web:terms", "web:privacy", "account_login", "account_signup", "account_reset_password"}
ALLAUTH = [
    *("account_login", "account_signup", "account_reset_password"),
    *("account_email", "account_change_password", "usersessions_list", "mfa_index"),
]
# A page of one's own that says something else to who is not there yet.
NEWCOMERS = {"web:join", "web:join-worker", "web:join-requester", "web:agree", "web:requester:new-organisation"}
Where = dict[str, Any]


@dataclass(frozen=True)
class Opened:
    """One page: the name of its address, who opens it (None: a guest), and where it is."""

    name: str
    user: User | None
    address: str

    @property
    def file(self) -> str:
        return self.name.removeprefix("web:").replace(":", "-").replace("_", "-")


@dataclass(frozen=True)
class World:
    """Values for what addresses need, and who plays which part."""

    values: Where
    people: dict[str, User]


def small_world() -> World:
    built = worlds.build()
    people = {role: built.people[role] for role in ("owner", "worker", "staff", "newcomer")}
    return World(values(built), people)


def demo_world(items: int = 240, crowd: int = 16) -> World:
    story = play(Settings(items=items, crowd=crowd), lambda _done, _of: None)
    cast = story.cast
    newcomer = User.objects.create_user("newcomer@demo.example")
    people = {"owner": cast.requester, "worker": cast.wanda.user, "staff": cast.staff, "newcomer": newcomer}
    return World(_of_demo(story), people)


def pages(*several: World) -> Iterator[Opened]:
    """All that answer with a page when they are asked for, in the order of the table."""
    for place in [*PLACES, *(Place(name, ()) for name in ALLAUTH)]:
        found = (_open(place, one) for one in several)
        if page := next(filter(None, found), None):
            yield page


def role(name: str) -> str:
    if name in GUESTS:
        return "guest"
    if name in NEWCOMERS:
        return "newcomer"
    if name.startswith("web:staff:"):
        return "staff"
    return "owner" if name.startswith("web:requester:") else "worker"


def _open(place: Place, world: World) -> Opened | None:
    user = world.people.get(role(place.name))
    chosen = {need: world.values.get(f"{place.name} {need}", world.values.get(need)) for need in place.needs}
    try:
        address = reverse(place.name, kwargs=chosen)
    except NoReverseMatch:
        return None
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user)
    answer = client.get(address)
    assert answer.status_code < 500, f"{place.name} at {address} is broken"
    return Opened(place.name, user, address) if _is_page(answer) else None


def _is_page(answer: HttpResponseBase) -> bool:
    is_html = answer.headers.get("Content-Type", "").startswith("text/html")
    return answer.status_code == 200 and is_html and not answer.streaming and b"</html>" in answer.content  # type: ignore[attr-defined]


def _of_demo(story: Story) -> Where:
    """Of everything the one with most to show."""
    cast, main = story.cast, story.main
    draft = Project.objects.get(organisation=cast.organisation, state="draft")
    busy = Participation.objects.filter(project=main).order_by("-submitted_count")[0].worker
    hardest = Consensus.objects.filter(project=main).order_by("posterior")[0]
    mine = Assignment.objects.filter(worker=cast.wanda, state="active").first()
    found: Where = {
        "organisation_id": cast.organisation.pk,
        "project_id": main.pk,
        "task_id": hardest.task_id,
        "worker_id": busy.pk,
        "pseudonym": pseudonym_for(cast.organisation, busy),
        "qualification_id": _first(Qualification.objects.exclude(tests=None)),
        "payout_id": _first(Payout.objects.order_by("-pk")),
        "batch_id": _first(Batch.objects.order_by("-pk")),
        "assignment_id": mine.pk if mine else None,
        "currency": "USD",
        "year": 2026,
        "month": 1,
    }
    return found | {f"{one.name} project_id": draft.pk for one in PLACES if "setup" in one.name}


def _first(rows: Any) -> int | None:
    found = rows.first()
    return found.pk if found else None


def assemble(*, tour: bool) -> list[Opened]:
    """For a tour the demo comes first, else the small world has to do: it is there in a second."""
    small = small_world()
    if tour:
        _presentable()
        return list(pages(demo_world(), small))
    return list(pages(small))


def _presentable() -> None:
    """The small world's names are made to be searched for; nobody is to see them in a picture."""
    Project.objects.filter(title="Hidden project").update(title="Moods of short reviews")
    Qualification.objects.filter(name="Hidden skill").update(name="Reads moods")
    for worker in Worker.objects.select_related("user"):
        User.objects.filter(pk=worker.user_id, name="").update(name=worker.user.email.partition("@")[0].title())
