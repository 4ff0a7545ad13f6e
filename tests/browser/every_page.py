"""Every page of the site with somebody who may open it, found through the table of addresses.

Two worlds lie behind it: the demo, which looks like a site in use, and the small one of the API's tests, which has a
thing of every kind. A page is opened in the first of them that has what its address needs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from crowd.assignments.models import Participation
from crowd.assignments.services import take
from crowd.consensus.models import Consensus
from crowd.operations.demo.story import Settings, Story, play
from crowd.payouts.models import Batch, Payout
from crowd.projects.models import Project
from crowd.talk.models import Announcement, Dismissal
from crowd.users.models import User
from qualifications.models import Qualification
from tests.api import world as worlds
from tests.web.test_strangers import PLACES, Place, values
from workers.services.pseudonyms import pseudonym_for

GUESTS = {"web:home", "web:terms", "web:privacy", "account_login", "account_signup", "account_reset_password"}
ALLAUTH = [
    *("account_login", "account_signup", "account_reset_password"),
    *("account_email", "account_change_password", "usersessions_list", "mfa_index"),
]
# A page of one's own that says something else to who is not there yet.
NEWCOMERS = {"web:join", "web:join-worker", "web:join-requester", "web:agree", "web:requester:new-organisation"}
Where = dict[str, Any]
SPOKEN = (
    ("Hidden project: ", "The picture of the mug: "),
    ("Hidden project", "Moods of short reviews"),
    ("Hidden Lab", "Reading Lab"),
    ("Hidden skill", "Reads moods"),
    ("Shown skill", "Tells moods apart"),
    ("Shown training", "First steps with moods"),
    ("Hidden ", "Some "),
)
TEXTS = """
SELECT table_name, column_name, data_type FROM information_schema.columns JOIN information_schema.tables
USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
AND data_type IN ('text', 'character varying', 'jsonb') AND is_generated = 'NEVER'
"""


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
    clients: dict[User | None, Client] = field(default_factory=dict)

    def client(self, user: User | None) -> Client:
        """One for each person: who signs in for every page has a hundred sessions to look at."""
        if user not in self.clients:
            self.clients[user] = client = Client(raise_request_exception=False)
            if user:
                client.force_login(user)
        return self.clients[user]


def small_world() -> World:
    built = worlds.build()
    people = {role: built.people[role] for role in ("owner", "worker", "staff", "newcomer")}
    return World(values(built), people)


def demo_world(items: int = 160, crowd: int = 12) -> World:
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
    if None in chosen.values():
        return None
    address = reverse(place.name, kwargs=chosen)
    answer = world.client(user).get(address)
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
    read = main.guidelines.version if main.guidelines else None
    held = take.take_next(worker=cast.wanda, project_id=main.pk, guidelines_read=read)
    found: Where = {
        "organisation_id": cast.organisation.pk,
        "project_id": main.pk,
        "task_id": hardest.task_id,
        "worker_id": busy.pk,
        "pseudonym": pseudonym_for(cast.organisation, busy),
        "qualification_id": _first(Qualification.objects.exclude(tests=None)),
        "payout_id": _first(Payout.objects.order_by("-pk")),
        "batch_id": _first(Batch.objects.order_by("-pk")),
        "assignment_id": held.pk,
        "currency": "USD",
        "year": story.ended.year,
        "month": story.ended.month,
    }
    return found | {f"{one.name} project_id": draft.pk for one in PLACES if "setup" in one.name}


def _first(rows: Any) -> int | None:
    found = rows.first()
    return found.pk if found else None


def assemble(*, tour: bool) -> list[Opened]:
    """For a tour the demo comes first, else the small world has to do: it is there in a second."""
    small = small_world()
    if not tour:
        return list(pages(small))
    demo = demo_world()
    _presentable()
    return list(pages(demo, small))


def _presentable() -> None:
    """The small world's words are made to be searched for; in a picture they shall look like what people write.

    What everybody is told stands on one page, not on top of each.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # also where rows are never changed
        cursor.execute(TEXTS)
        for table, column, kind in cursor.fetchall():
            new = reduce(lambda said, pair: "replace({}, '{}', '{}')".format(said, *pair), SPOKEN, f'"{column}"::text')
            cursor.execute(
                f'UPDATE "{table}" SET "{column}" = ({new})::{kind} WHERE "{column}"::text ~ \'Hidden|Shown\''
            )
        cursor.execute("SET session_replication_role = origin")
    for user in User.objects.filter(name=""):
        User.objects.filter(pk=user.pk).update(name=user.email.partition("@")[0].replace("_", " ").title())
    told = [Dismissal(announcement=one, user=user) for one in Announcement.objects.all() for user in User.objects.all()]
    Dismissal.objects.bulk_create(told, ignore_conflicts=True)
