"""Who plays: two staff, a requester, two workers to sign in as, and the simulated crowd. The same people every time."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress

from crowd.ledger.services import deposits
from crowd.operations.demo import crowd
from crowd.operations.demo.crowd import Person
from crowd.users.models import ApiKey, Membership, Organisation, User
from crowd.users.services import api_keys, organisations, terms
from crowd.users.states import Scope
from workers.models import Worker
from workers.services.profile import become_worker

PASSWORD = "crowd-demo"  # noqa: S105 (it is printed for everybody to see)
KEY_NAME = "Demo"
ORGANISATION = "Demo Lab"
UNIT = 1_000_000
COUNTRIES = ("DE", "PT", "KE", "IN", "US", "PL", "PH", "BR")


@dataclass(frozen=True)
class SignIn:
    """`key` is an API key of his; keys of earlier runs are revoked."""

    role: str
    user: User
    key: str = ""


@dataclass(frozen=True)
class Cast:
    """`crowd` pairs each simulated person with his worker; number 0 is Wanda, who can be signed in as too."""

    requester: User
    organisation: Organisation
    staff: User
    other_staff: User
    walter: Worker
    crowd: list[tuple[Person, Worker]]

    @property
    def wanda(self) -> Worker:
        return self.crowd[0][1]


def assemble(count: int) -> Cast:
    """The cast with a crowd of `count`; whoever is there already is not made again."""
    requester = _user("requester@demo.example", "Rita Requester")
    wanda, walter = _user("wanda@demo.example", "Wanda Worker"), _user("walter@demo.example", "Walter Worker")
    people = crowd.people(count)
    logins = [wanda, *(_anonymous(person) for person in people[1:])]
    return Cast(
        requester=requester,
        organisation=_organisation(requester),
        staff=_user("staff@demo.example", "Sven Staff", is_staff=True),
        other_staff=_user("second.staff@demo.example", "Susi Staff", is_staff=True),
        walter=_worker(walter, 0),
        crowd=[(person, _worker(login, person.number)) for person, login in zip(people, logins, strict=True)],
    )


def deposit(cast: Cast, micros: int, *, reference: str) -> None:
    """Dollars from the requester's bank: one of the staff writes the payment down, the other credits it."""
    recorded = deposits.record(
        actor=cast.staff,
        organisation_id=cast.organisation.pk,
        amount_micros=-(-micros // (10 * UNIT)) * 10 * UNIT,
        currency="USD",
        reference=reference,
    )
    deposits.approve(actor=cast.other_staff, deposit_id=recorded.pk)


def sign_ins(cast: Cast) -> list[SignIn]:
    """Whom a visitor can be, each with a fresh API key."""
    own = [Scope.READ, Scope.WORK]
    wanted = [
        ("requester", cast.requester, [Scope.READ, Scope.PROJECTS, Scope.MONEY]),
        ("worker", cast.wanda.user, own),
        ("worker, new here", cast.walter.user, own),
        ("staff", cast.staff, [Scope.READ, Scope.STAFF]),
        ("staff", cast.other_staff, [Scope.READ, Scope.STAFF]),
    ]
    return [SignIn(role, user, _fresh_key(user, scopes)) for role, user, scopes in wanted]


def _fresh_key(user: User, scopes: list[Scope]) -> str:
    for old in ApiKey.objects.filter(user=user, name=KEY_NAME, revoked_at=None):
        api_keys.revoke(actor=user, key_id=old.pk)
    _key, secret = api_keys.create(user=user, name=KEY_NAME, scopes=scopes)
    return secret


def _user(email: str, name: str, *, is_staff: bool = False) -> User:
    """A login with the printed password, its address confirmed."""
    found = User.objects.filter(email=email).first()
    user = found or User.objects.create_user(email, PASSWORD, name=name, is_staff=is_staff)
    EmailAddress.objects.get_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
    return user


def _anonymous(person: Person) -> User:
    """A login nobody can sign in with."""
    email = f"simulated-{person.number:03}@demo.invalid"
    return User.objects.filter(email=email).first() or User.objects.create_user(email)


def _worker(user: User, number: int) -> Worker:
    found = Worker.objects.filter(user=user).first()
    terms.accept_current(user=user, adult=True)
    country = COUNTRIES[number % len(COUNTRIES)]
    return found or become_worker(user=user, country=country, languages=["en"])


def _organisation(owner: User) -> Organisation:
    membership = Membership.objects.filter(user=owner, organisation__name=ORGANISATION).first()
    if membership is not None:
        return membership.organisation
    return organisations.create_organisation(actor=owner, name=ORGANISATION)
