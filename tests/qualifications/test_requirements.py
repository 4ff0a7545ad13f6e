"""Who may work: MTurk's ten comparators, what absence means, how long a verdict stands, what is refused."""

from datetime import timedelta

import pytest

from crowd.kernel import clock
from crowd.users.models import Organisation, User
from qualifications.models import Grant, Qualification
from qualifications.requirements import BadRequirements, Condition, check, satisfied, validate, ways
from qualifications.requirements.sentences import demand
from qualifications.services.tests import Rules, create_test
from qualifications.states import SINGLE, GrantState, System
from tests import make, make_project
from workers.models import Worker
from workers.services import wishes


@pytest.fixture
def spanish(organisation: Organisation) -> Qualification:
    return make.make_qualification(organisation=organisation, name="Spanish")


def hold(worker: Worker, qualification: Qualification, value: int, **fields: object) -> Grant:
    now = clock.now()
    return Grant.objects.create(qualification=qualification, worker=worker, value=value, granted_at=now, **fields)


@pytest.mark.parametrize(
    ("comparator", "values", "below", "at", "above", "absent"),
    [
        ("LessThan", (50,), True, False, False, False),
        ("LessThanOrEqualTo", (50,), True, True, False, False),
        ("GreaterThan", (50,), False, False, True, False),
        ("GreaterThanOrEqualTo", (50,), False, True, True, False),
        ("EqualTo", (50,), False, True, False, False),
        ("NotEqualTo", (50,), True, False, True, False),
        ("Exists", (), True, True, True, False),
        ("DoesNotExist", (), False, False, False, True),
        ("In", (49, 50), True, True, False, False),
        ("NotIn", (49, 50), False, False, True, False),
    ],
)
def test_the_ten_comparators(
    comparator: str, values: tuple[int, ...], below: bool, at: bool, above: bool, absent: bool
) -> None:
    condition = Condition(Qualification(name="Spanish"), comparator, values)
    assert [satisfied(condition, held) for held in (49, 50, 51, None)] == [below, at, above, absent]


@pytest.mark.parametrize(
    ("comparator", "locales", "held", "met"),
    [
        ("EqualTo", ("US",), "US-CA", True),
        ("EqualTo", ("US-CA",), "US", False),  # he did not tell so precisely
        ("EqualTo", ("US-CA",), "US-CA", True),
        ("EqualTo", ("US-C",), "US-CA", False),  # no match of half a region
        ("NotEqualTo", ("US-CA",), "US-NY", True),
        ("NotEqualTo", ("US-CA",), "IN", True),
        ("NotEqualTo", ("US",), "US-CA", False),
        ("In", ("DE", "AT"), "AT", True),
        ("NotIn", ("DE", "AT"), "CH", True),
        ("NotIn", ("DE", "AT"), "AT", False),
        ("NotIn", ("DE", "AT"), None, False),  # not told is not known to differ
    ],
)
def test_places(comparator: str, locales: tuple[str, ...], held: str | None, met: bool) -> None:
    assert satisfied(Condition(Qualification(system=System.LOCALE), comparator, (), locales), held) is met


def test_a_worker_is_told_what_he_lacks(worker: Worker, spanish: Qualification) -> None:
    hold(worker, spanish, 60)
    locale = make.system_qualification(System.LOCALE)
    conditions = [
        Condition(spanish, "GreaterThanOrEqualTo", (80,)),
        Condition(spanish, "Exists"),
        Condition(locale, "In", (), ("US", "CA")),
    ]
    verdict = check(worker, conditions, now=clock.now())
    assert [(one.misses[0].condition, one.misses[0].held) for one in verdict.unmet] == [
        (conditions[0], 60),
        (conditions[2], "DE"),
    ]
    assert verdict.unmet[0].sentence == "“Spanish” must be at least 80; yours is 60."
    assert verdict.unmet[1].sentence == "This project is for workers in US, CA; you are in DE."
    assert not verdict.met


def test_a_revoked_grant_is_none(worker: Worker, spanish: Qualification) -> None:
    hold(worker, spanish, 90, state=GrantState.REVOKED)
    assert check(worker, [Condition(spanish, "DoesNotExist")], now=clock.now()).met
    assert not check(worker, [Condition(spanish, "Exists")], now=clock.now()).met


def test_somebody_elses_grant_is_none(worker: Worker, other_worker: Worker, spanish: Qualification) -> None:
    hold(other_worker, spanish, 90)
    assert not check(worker, [Condition(spanish, "Exists")], now=clock.now()).met


def test_a_verdict_stands_until_the_grant_ends(worker: Worker, spanish: Qualification) -> None:
    now = clock.now()
    ends = now + timedelta(days=3)
    hold(worker, spanish, 90, expires_at=ends)
    verdict = check(worker, [Condition(spanish, "Exists")], now=now)
    assert verdict.met
    assert verdict.valid_until == ends
    assert not check(worker, [Condition(spanish, "Exists")], now=ends).met
    # The end makes no difference to this one: 90 is not below 50, and holding nothing is not either.
    assert check(worker, [Condition(spanish, "LessThan", (50,))], now=now).valid_until is None
    opposite = check(worker, [Condition(spanish, "DoesNotExist")], now=now)
    assert not opposite.met
    assert opposite.valid_until == ends


@pytest.mark.parametrize(
    ("comparator", "values", "met", "turns_on_day"),
    [
        ("GreaterThanOrEqualTo", (30,), False, 30),
        ("GreaterThan", (30,), False, 31),
        ("LessThan", (30,), True, 30),
        ("LessThanOrEqualTo", (30,), True, 31),
        ("EqualTo", (10,), True, 11),
        ("NotEqualTo", (12,), True, 12),
        ("In", (3, 12), False, 12),
        ("GreaterThanOrEqualTo", (10,), True, None),
        ("LessThan", (10,), False, None),
        ("Exists", (), True, None),
    ],
)
def test_age_turns_with_the_days(
    worker: Worker, comparator: str, values: tuple[int, ...], met: bool, turns_on_day: int | None
) -> None:
    age = make.system_qualification(System.ACCOUNT_AGE_DAYS)
    condition = Condition(age, comparator, values)
    now = worker.joined_at + timedelta(days=10, hours=7)
    verdict = check(worker, [condition], now=now)
    assert verdict.met is met
    if turns_on_day is None:
        assert verdict.valid_until is None
        return
    assert verdict.valid_until == worker.joined_at + timedelta(days=turns_on_day)
    assert check(worker, [condition], now=verdict.valid_until - timedelta(seconds=1)).met is met
    assert check(worker, [condition], now=verdict.valid_until).met is not met


def test_counts_come_from_the_worker_and_the_rate_waits_for_a_hundred(worker: Worker) -> None:
    rate = Condition(make.system_qualification(System.ACCEPTANCE_RATE), "GreaterThanOrEqualTo", (95,))
    count = Condition(make.system_qualification(System.ACCEPTED_COUNT), "GreaterThan", (100,))
    worker.accepted_count, worker.rejected_count = 90, 9
    assert [one.misses[0].condition for one in check(worker, [rate, count], now=clock.now()).unmet] == [count]
    worker.rejected_count = 10
    assert check(worker, [rate], now=clock.now()).unmet[0].misses[0].held == 90
    worker.accepted_count, worker.rejected_count = 949, 51  # 94.9 per cent is not 95
    assert [one.misses[0].condition for one in check(worker, [rate, count], now=clock.now()).unmet] == [rate]


def test_no_condition_no_lack(worker: Worker) -> None:
    verdict = check(worker, [], now=clock.now())
    assert verdict.met
    assert verdict.valid_until is None


@pytest.mark.parametrize(
    ("comparator", "values", "locales", "place"),
    [
        ("AtLeast", (1,), (), "comparator"),
        ("Exists", (1,), (), "values"),
        ("DoesNotExist", (1,), (), "values"),
        ("GreaterThan", (), (), "values"),
        ("GreaterThan", (1, 2), (), "values"),
        ("GreaterThan", (-1,), (), "values"),
        ("GreaterThan", (101,), (), "values"),
        ("In", (), (), "values"),
        ("In", tuple(range(16)), (), "values"),
        ("In", (1, 1), (), "values"),
        ("EqualTo", (1,), ("DE",), "locales"),
    ],
)
def test_ill_formed_numbers_are_refused(
    spanish: Qualification, comparator: str, values: tuple[int, ...], locales: tuple[str, ...], place: str
) -> None:
    with pytest.raises(BadRequirements) as refused:
        validate([Condition(spanish, "Exists"), Condition(spanish, comparator, values, locales)])
    assert list(refused.value.data["errors"]) == [f"conditions[1].{place}"]


@pytest.mark.parametrize(
    ("comparator", "values", "locales", "place"),
    [
        ("GreaterThan", (), ("DE",), "comparator"),
        ("Exists", (), (), "comparator"),
        ("EqualTo", (1,), ("DE",), "values"),
        ("EqualTo", (), (), "locales"),
        ("EqualTo", (), ("DE", "AT"), "locales"),
        ("EqualTo", (), ("UK",), "locales"),
        ("EqualTo", (), ("de",), "locales"),
        ("EqualTo", (), ("US-",), "locales"),
        ("In", (), tuple(f"US-A{n}" for n in range(31)), "locales"),
    ],
)
def test_ill_formed_places_are_refused(
    db: None, comparator: str, values: tuple[int, ...], locales: tuple[str, ...], place: str
) -> None:
    condition = Condition(make.system_qualification(System.LOCALE), comparator, values, locales)
    with pytest.raises(BadRequirements) as refused:
        validate([condition])
    assert list(refused.value.data["errors"]) == [f"conditions[0].{place}"]


def test_bounds_are_met_exactly(spanish: Qualification) -> None:
    locale = make.system_qualification(System.LOCALE)
    count = make.system_qualification(System.ACCEPTED_COUNT)
    validate(
        [
            Condition(spanish, "In", tuple(range(15))),
            Condition(locale, "NotIn", (), tuple(f"US-A{n}" for n in range(30))),
            Condition(count, "GreaterThan", (5000,)),
        ]
    )


def test_eleven_conditions_are_too_many(organisation: Organisation) -> None:
    many = [Condition(make.make_qualification(organisation=organisation), "Exists") for _one in range(11)]
    validate(many[:10])
    with pytest.raises(BadRequirements, match="wrong") as refused:
        validate(many)
    assert refused.value.data["errors"] == {"conditions": "There may be at most 10 conditions."}


@pytest.mark.parametrize(
    "pair",
    [
        (("GreaterThan", (80,)), ("LessThan", (80,))),
        (("GreaterThan", (79,)), ("LessThan", (80,))),
        (("Exists", ()), ("DoesNotExist", ())),
        (("In", (1, 2)), ("NotIn", (1, 2))),
        (("DoesNotExist", ()), ("NotEqualTo", (1,))),
        (("GreaterThan", (99,)), ("NotEqualTo", (100,))),
    ],
)
def test_conditions_that_nobody_can_meet_are_refused(
    spanish: Qualification, pair: tuple[tuple[str, tuple[int, ...]], ...]
) -> None:
    with pytest.raises(BadRequirements) as refused:
        validate([Condition(spanish, comparator, values) for comparator, values in pair])
    assert "exclude each other" in refused.value.data["errors"]["conditions"]


def test_conditions_that_leave_room_are_kept(spanish: Qualification) -> None:
    locale = make.system_qualification(System.LOCALE)
    rate = make.system_qualification(System.ACCEPTANCE_RATE)
    validate(
        [
            Condition(spanish, "GreaterThan", (79,)),
            Condition(spanish, "LessThan", (81,)),
            Condition(locale, "EqualTo", (), ("US",)),
            Condition(locale, "NotEqualTo", (), ("US-CA",)),
            Condition(rate, "GreaterThanOrEqualTo", (100,)),
        ]
    )


def test_places_that_exclude_each_other_are_refused(db: None) -> None:
    locale = make.system_qualification(System.LOCALE)
    with pytest.raises(BadRequirements):
        validate([Condition(locale, "EqualTo", (), ("US-CA",)), Condition(locale, "NotIn", (), ("US", "DE"))])
    with pytest.raises(BadRequirements):  # everybody has an account, so this one excludes everybody
        validate([Condition(make.system_qualification(System.ACCOUNT_AGE_DAYS), "DoesNotExist")])


def test_the_same_comparison_twice_is_refused(spanish: Qualification) -> None:
    with pytest.raises(BadRequirements) as refused:
        validate([Condition(spanish, "NotEqualTo", (1,)), Condition(spanish, "NotEqualTo", (2,))])
    assert list(refused.value.data["errors"]) == ["conditions[1].comparator"]


def test_the_system_qualifications_stand_from_the_first_migration(db: None) -> None:
    from importlib import import_module

    migration = import_module("qualifications.migrations.0002_system")
    assert set(migration.SYSTEM) == set(SINGLE)


def test_of_a_group_one_is_enough(worker: Worker, spanish: Qualification, organisation: Organisation) -> None:
    trusted = make.make_qualification(organisation=organisation, name="Trusted")
    locale = make.system_qualification(System.LOCALE)
    conditions = [
        Condition(spanish, "GreaterThan", (80,), group=1, guard="preview"),
        Condition(locale, "EqualTo", (), ("ES",), group=1, guard="preview"),
        Condition(trusted, "Exists"),
    ]
    validate(conditions)
    lacking = check(worker, conditions, now=clock.now())
    assert [len(one.misses) for one in lacking.unmet] == [2, 1]
    assert lacking.unmet[0].sentence.startswith("One of these is needed: “Spanish”")
    assert (lacking.allows("discover"), lacking.allows("preview"), lacking.allows("accept")) == (True, False, False)
    worker.country = "ES"
    assert [one.misses[0].condition for one in check(worker, conditions, now=clock.now()).unmet] == [conditions[2]]
    assert demand(conditions[:2]) == "“Spanish” more than 80, or “locale” exactly ES".replace("locale", locale.name)


def test_a_choice_among_alternatives_must_be_left(spanish: Qualification, organisation: Organisation) -> None:
    other = make.make_qualification(organisation=organisation)
    low = Condition(spanish, "LessThan", (50,))
    high = [Condition(spanish, "GreaterThan", (60,), group=1), Condition(other, "Exists", group=1)]
    validate([low, *high])
    for faulty, place in [
        ([low, high[0], Condition(spanish, "EqualTo", (70,), group=1)], "conditions"),
        ([high[0], Condition(other, "Exists", group=1, guard="discover")], "conditions[1].guard"),
        ([Condition(spanish, "Exists", guard="see")], "conditions[0].guard"),
        ([Condition(spanish, "Exists", group=-1)], "conditions[0].group"),
    ]:
        with pytest.raises(BadRequirements) as refused:
            validate(faulty)
        assert list(refused.value.data["errors"]) == [place]


def test_adult_content_is_asked_of_who_agreed_to_it(worker: Worker) -> None:
    adult = Condition(make.system_qualification(System.ADULT), "EqualTo", (1,))
    (unmet,) = check(worker, [adult], now=clock.now()).unmet
    assert "have not agreed" in unmet.sentence
    before = Worker.objects.get().eligibility_version
    fresh = wishes.set_wishes(worker=worker, time_percent=100, shown_warnings=["sexual"])
    assert check(fresh, [adult], now=clock.now()).met
    assert Worker.objects.get().eligibility_version == before + 1


def test_the_worker_reads_how_to_get_what_he_lacks(
    worker: Worker, spanish: Qualification, staff: User, requester: User, organisation: Organisation
) -> None:
    hand, taken = (make.make_qualification(organisation=organisation, name=name) for name in ("By hand", "Taken"))
    asked = make.make_qualification(name="Nurse", asking="document")
    create_test(
        actor=requester,
        qualification_id=spanish.pk,
        config=make_project.CHOICE,
        items=[{"payload": {"text": "x"}, "key": "good"}],
        rules=Rules(pass_mark=50, time_limit_s=60),
    )
    make.make_grant(taken, worker, state=GrantState.REVOKED, reason="Copied.")
    count = make.system_qualification(System.ACCEPTED_COUNT)
    age = make.system_qualification(System.ACCOUNT_AGE_DAYS)
    conditions = [
        *(Condition(one, "Exists") for one in (spanish, asked, hand, taken)),
        Condition(count, "GreaterThan", (5,)),
        Condition(age, "GreaterThan", (29,)),
        Condition(make.system_qualification(System.ADULT), "EqualTo", (1,)),
        Condition(make.system_qualification(System.LOCALE), "EqualTo", (), ("ES",)),
    ]
    found = ways(worker, check(worker, conditions, now=clock.now()).unmet)
    kinds = ["test", "ask", "hand", "none", "work", "wait", "profile", "none"]
    assert [one.kind for one in found] == kinds
    assert "Copied." in found[3].sentence
    assert f"{worker.joined_at + timedelta(days=30):%Y-%m-%d}" in found[5].sentence
