"""Staff look at an organisation's first public project before workers see it, and at others that workers report."""

from typing import Any

import pytest

from crowd.assignments.queries import offers
from crowd.assignments.services import report_project
from crowd.kernel.errors import NotAllowed
from crowd.ledger.services import self_check
from crowd.projects.errors import ReportedAlready, UnderReview
from crowd.projects.models import Project, Report
from crowd.projects.services import publish, reviews
from crowd.projects.states import ProjectState, ReportKind, ReviewState
from crowd.users.access import require_staff
from crowd.users.errors import SecondFactorNeeded
from crowd.users.models import Membership, Organisation, User
from tests import make, make_project
from workers.models import Worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def looked_at_first(settings: Any) -> None:
    settings.CROWD_REVIEW_FIRST_PROJECT = True


@pytest.fixture
def first(requester: User, organisation: Organisation) -> Project:
    return make_project.make_open(actor=requester, organisation=organisation)


def test_the_first_public_project_rests_until_staff_pass_it_and_the_next_opens_at_once(
    first: Project, requester: User, organisation: Organisation, staff: User, worker: Worker
) -> None:
    assert first.state == ProjectState.PAUSED
    assert offers(worker) == []
    with pytest.raises(UnderReview):
        publish.resume(actor=requester, project_id=first.pk)

    reviews.approve(actor=staff, project_id=first.pk)

    assert [offer.project for offer in offers(worker)] == [first]
    second = make_project.make_open(actor=requester, organisation=organisation)
    assert second.state == ProjectState.OPEN
    self_check()


def test_a_refused_one_is_mended_and_looked_at_again(first: Project, requester: User, staff: User) -> None:
    reviews.refuse(actor=staff, project_id=first.pk, reason="The question asks for passwords.")

    with pytest.raises(UnderReview, match="passwords"):
        publish.resume(actor=requester, project_id=first.pk)
    again = reviews.ask_again(actor=requester, project_id=first.pk)
    assert again.state == ReviewState.WAITING
    assert reviews.approve(actor=staff, project_id=first.pk).state == ProjectState.OPEN


def test_a_second_one_waits_too_as_long_as_none_has_passed(
    first: Project, requester: User, organisation: Organisation
) -> None:
    assert make_project.make_open(actor=requester, organisation=organisation).state == ProjectState.PAUSED


def test_a_private_team_is_nobody_elses_business(requester: User, organisation: Organisation) -> None:
    project = make_project.make_open(actor=requester, organisation=organisation, workforce="team")

    assert project.state == ProjectState.OPEN


def test_nobody_passes_a_project_of_his_own_organisation(
    first: Project, organisation: Organisation, staff: User
) -> None:
    Membership.objects.create(organisation=organisation, user=staff)

    with pytest.raises(NotAllowed):
        reviews.approve(actor=staff, project_id=first.pk)


def test_enough_reports_pause_a_project_until_staff_have_looked(first: Project, requester: User, staff: User) -> None:
    reviews.approve(actor=staff, project_id=first.pk)
    reporters = [make.make_worker() for _number in range(3)]

    for one in reporters[:2]:
        report_project.report(actor=one.user, project_id=first.pk, kind=ReportKind.PERSONAL, text="Wants my name.")
    first.refresh_from_db()
    assert first.state == ProjectState.OPEN
    with pytest.raises(ReportedAlready):
        report_project.report(actor=reporters[0].user, project_id=first.pk, kind=ReportKind.OTHER)
    report_project.report(actor=reporters[2].user, project_id=first.pk, kind=ReportKind.HARMFUL)

    first.refresh_from_db()
    assert first.state == ProjectState.PAUSED
    with pytest.raises(UnderReview):
        publish.resume(actor=requester, project_id=first.pk)
    reviews.approve(actor=staff, project_id=first.pk, note="The names are made up.")
    assert set(Report.objects.values_list("outcome", flat=True)) == {"The names are made up."}


def test_staff_need_a_second_factor_where_it_is_asked_for(staff: User, settings: Any) -> None:
    require_staff(staff)
    settings.CROWD_STAFF_SECOND_FACTOR = True

    with pytest.raises(SecondFactorNeeded):
        require_staff(staff)
