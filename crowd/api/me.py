"""Who I am, and the worker that I may be."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from crowd.api.body import Input
from crowd.api.deeds import SESSION, Call, Endpoint, deed
from crowd.api.fields import Facts, Row, Time
from crowd.assignments import queries as assignments
from crowd.kernel import clock, my_data
from crowd.payouts import queries as payouts
from crowd.projects.states import Warning
from crowd.talk.services.forget import forget
from crowd.users import queries as people
from crowd.users import terms
from crowd.users.models import Membership, User
from crowd.users.services import terms as agreeing
from crowd.users.states import Document, Role, Scope
from workers import queries as workers
from workers.access import worker_for
from workers.models import Block, Worker
from workers.services import accounts, profile, wishes


class MyOrganisation(Row):
    id = serializers.IntegerField(source="organisation_id")
    name = serializers.CharField(source="organisation.name")
    role = serializers.ChoiceField(choices=Role.choices)

    class Meta:
        model = Membership
        fields = ["id", "name", "role"]


class Me(Row):
    """`organisations` are those that he belongs to; `is_worker` says whether he has joined as a worker."""

    organisations = MyOrganisation(many=True, source="my_memberships")
    is_worker = serializers.BooleanField()

    class Meta:
        model = User
        fields = ["id", "email", "name", "language", "timezone", "is_staff", "closed_at", "organisations", "is_worker"]


class MyBlock(Row):
    """`organisation` is null where the whole site is meant."""

    organisation = serializers.CharField(source="organisation.name", default=None, allow_null=True)

    class Meta:
        model = Block
        fields = ["organisation", "reason", "created_at", "ends_at"]


class MyWorker(Row):
    blocks = MyBlock(many=True, source="blocks_now")

    class Meta:
        model = Worker
        fields = ["id", "state", "country", "subdivision", "languages", "time_percent", "shown_warnings", "joined_at"]
        fields += ["in_reports"]
        fields += ["blocks"]
        fields += ["submitted_count", "accepted_count", "rejected_count"]


class MyData(Facts):
    exported_at = Time()
    data = serializers.DictField()  # type: ignore[assignment]


class WorkerProfile(Input):
    country = serializers.CharField(help_text="ISO 3166-1: “US”.")
    subdivision = serializers.CharField(required=False, allow_blank=True, help_text="ISO 3166-2: “US-CA”.")
    languages = serializers.ListField(child=serializers.CharField(), required=False, help_text="BCP 47: “pt-BR”.")


COUNTED = "Count my country and languages in requesters' reports on bias, in groups of ten workers and more."


class Wishes(Input):
    in_reports = serializers.BooleanField(required=False, help_text=COUNTED)
    time_percent = serializers.ChoiceField(choices=wishes.TIMES, help_text="Of everybody's time for a task.")
    shown_warnings = serializers.MultipleChoiceField(
        choices=Warning.choices, help_text="Content that you agree to be shown; projects with other stay closed to you."
    )


class NewWorker(WorkerProfile):
    in_reports = serializers.BooleanField(required=False, help_text=COUNTED)
    adult = serializers.BooleanField(help_text="You are 18 or older.")

    def validate_adult(self, told: bool) -> bool:
        if not told:
            raise serializers.ValidationError(_("Only people of 18 or more can work here."))
        return told


class TextOut(Facts):
    """`text` is Markdown; `agreed`: you agreed to this version."""

    document = serializers.ChoiceField(choices=Document.choices)
    version = serializers.CharField()
    text = serializers.CharField()
    agreed = serializers.BooleanField()


class Agreement(Input):
    """The version of each that you have read."""

    terms = serializers.CharField()
    privacy = serializers.CharField()


class MeView(Endpoint):
    @deed("Who is signed in", scope=Scope.READ, gives=Me)
    def get(self, call: Call) -> User:
        user: Any = User.objects.get(pk=call.user.pk)
        user.my_memberships = people.memberships(user)
        user.is_worker = Worker.objects.filter(user=user).exists()
        return user  # type: ignore[no-any-return]


class MeData(Endpoint):
    @deed("Everything that is kept about me", scope=SESSION, rate="heavy", gives=MyData)
    def get(self, call: Call) -> dict[str, Any]:
        return {"exported_at": clock.now(), "data": my_data.everything(call.user)}


class MeTerms(Endpoint):
    @deed("The terms and the privacy notice as they read now", scope=Scope.READ, gives=TextOut, many=True)
    def get(self, call: Call) -> list[dict[str, Any]]:
        return _texts(call.user)

    @deed("Agree to them, as I have read them", scope=Scope.WORK, takes=Agreement, gives=TextOut, many=True)
    def post(self, call: Call) -> list[dict[str, Any]]:
        """A new version is agreed to before the next task."""
        agreeing.accept(user=call.user, versions=call.data)
        return _texts(call.user)


class MeClose(Endpoint):
    @deed("Close my account: no more work; sign-in stays for my earnings", scope=SESSION, status=204)
    def post(self, call: Call) -> None:
        accounts.close_account(user=call.user)


class MeErase(Endpoint):
    @deed("Erase me, once nothing is left to pay; cannot be undone", scope=SESSION, status=204)
    def post(self, call: Call) -> None:
        until = payouts.records_until(call.user)
        accounts.erase(
            actor=call.user,
            user=call.user,
            nothing_left=assignments.nothing_left,
            forget=[forget],
            keep_payouts_until=until,
        )


class WorkerView(Endpoint):
    @deed("Me as a worker", scope=Scope.READ, gives=MyWorker)
    def get(self, call: Call) -> Worker:
        return _with_blocks(call.worker)

    @deed("Join as a worker", scope=Scope.WORK, takes=NewWorker, gives=MyWorker, status=201)
    def post(self, call: Call) -> Worker:
        """Before the first task comes `me/terms/`."""
        return _with_blocks(profile.become_worker(user=call.user, **call.data))

    @deed("Change what I told about myself", scope=Scope.WORK, takes=WorkerProfile, gives=MyWorker)
    def put(self, call: Call) -> Worker:
        profile.update_profile(user=call.user, **call.data)
        return _with_blocks(worker_for(call.user))


class WorkerWishes(Endpoint):
    @deed("How I work: more time, and content that I agree to see", scope=Scope.WORK, takes=Wishes, gives=MyWorker)
    def put(self, call: Call) -> Worker:
        """It holds from the next task on."""
        return _with_blocks(wishes.set_wishes(worker=call.worker, **call.data))


def _texts(user: User) -> list[dict[str, Any]]:
    missing = terms.missing(user)
    return [vars(terms.current(one)) | {"agreed": one not in missing} for one in terms.AGREED]


def _with_blocks(worker: Any) -> Worker:
    worker.blocks_now = workers.blocks_now(worker, now=clock.now())
    return worker  # type: ignore[no-any-return]
