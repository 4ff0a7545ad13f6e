"""What a project asks and of whom: label config, guidelines, requirements, exclusions, its private team."""

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from crowd.api.body import Input
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.fields import Facts, Id, Row
from crowd.api.paging import Page
from crowd.kernel.errors import NotFound
from crowd.projects import queries
from crowd.projects.access import project_for
from crowd.projects.models import ConfigVersion, Exclusion, GuidelinesVersion, Project, TeamInvitation, TeamMember
from crowd.projects.services import config, requirements, team
from crowd.users.states import Scope
from qualifications.access import usable_by
from qualifications.requirements import Condition
from qualifications.states import Comparator, Guard
from workers.services.pseudonyms import pseudonyms_for


class ConfigOut(Row):
    config = serializers.DictField()

    class Meta:
        model = ConfigVersion
        fields = ["version", "config", "created_at"]


class ConfigIn(Input):
    config = serializers.DictField(help_text="The label config: data, questions, labels.")


class GuidelinesOut(Row):
    class Meta:
        model = GuidelinesVersion
        fields = ["version", "text", "created_at"]


class GuidelinesIn(Input):
    text = serializers.CharField(
        allow_blank=True, trim_whitespace=False, max_length=config.MAX_GUIDELINES, help_text="Markdown."
    )


class RequirementOut(Facts):
    qualification = serializers.IntegerField(source="qualification.pk")
    name = serializers.CharField(source="qualification.name")
    comparator = serializers.ChoiceField(choices=Comparator.choices)
    values = serializers.ListField(child=serializers.IntegerField())
    locales = serializers.ListField(child=serializers.CharField())
    guard = serializers.ChoiceField(choices=Guard.choices)
    group = serializers.IntegerField()


class RequirementIn(Input):
    qualification = Id()
    comparator = serializers.ChoiceField(choices=Comparator.choices)
    values = serializers.ListField(child=serializers.IntegerField(), default=list)
    locales = serializers.ListField(child=serializers.CharField(), default=list, help_text="“DE”, “US-CA”.")
    guard = serializers.ChoiceField(
        choices=Guard.choices,
        default=Guard.ACCEPT,
        help_text="What who does not meet it cannot do: take a task; nor read what is asked; nor see the project.",
    )
    group = serializers.IntegerField(
        default=0, min_value=0, help_text="Of those with the same number above 0, one must hold. 0: it stands alone."
    )


class RequirementsIn(Input):
    requirements = RequirementIn(
        many=True, help_text="All of them must hold, of a group one; they replace those before. At most ten."
    )


class Exclusions(Input):
    projects = serializers.ListField(child=Id(), help_text="Who answered there may not work here.")


class ExclusionsOut(Facts):
    projects = serializers.ListField(child=serializers.IntegerField())


class TeamMemberOut(Facts):
    worker = serializers.CharField(help_text="The pseudonym in this organisation.")
    joined_at = serializers.DateTimeField()


class TeamInvitationOut(Row):
    class Meta:
        model = TeamInvitation
        fields = ["id", "created_at", "expires_at", "uses_left", "revoked_at"]


class NewTeamInvitationOut(TeamInvitationOut):
    """`token` is shown this once: workers join with it."""

    token = serializers.CharField()

    class Meta(TeamInvitationOut.Meta):
        fields = [*TeamInvitationOut.Meta.fields, "token"]


class NewTeamInvitation(Input):
    uses = serializers.IntegerField(default=1, min_value=1)
    days = serializers.IntegerField(default=14, min_value=1, max_value=365, help_text="How long the link is good.")


class Removal(Input):
    reason = serializers.CharField(required=False, allow_blank=True)


class ProjectConfig(Endpoint):
    @deed("The label config in force", scope=Scope.READ, gives=ConfigOut)
    def get(self, call: Call, project_id: int) -> Any:
        return _or_not_found(project_for(call.user, project_id).config)

    @deed("Set the label config; a new version", scope=Scope.PROJECTS, takes=ConfigIn, gives=ConfigOut)
    def put(self, call: Call, project_id: int) -> ConfigVersion:
        return config.set_config(actor=call.user, project_id=project_id, **call.data)


class ProjectGuidelines(Endpoint):
    @deed("The guidelines in force", scope=Scope.READ, gives=GuidelinesOut)
    def get(self, call: Call, project_id: int) -> Any:
        return _or_not_found(project_for(call.user, project_id).guidelines)

    @deed("Set the guidelines; a new version", scope=Scope.PROJECTS, takes=GuidelinesIn, gives=GuidelinesOut)
    def put(self, call: Call, project_id: int) -> GuidelinesVersion:
        return config.set_guidelines(actor=call.user, project_id=project_id, **call.data)


class ProjectRequirements(Endpoint):
    @deed("What is demanded of workers", scope=Scope.READ, gives=RequirementOut, many=True)
    def get(self, call: Call, project_id: int) -> list[Condition]:
        return queries.conditions(project_for(call.user, project_id))

    @deed("Set what is demanded", scope=Scope.PROJECTS, takes=RequirementsIn, gives=RequirementOut, many=True)
    def put(self, call: Call, project_id: int) -> list[Condition]:
        conditions = read_conditions(project_for(call.user, project_id), call.data["requirements"])
        requirements.set_requirements(actor=call.user, project_id=project_id, conditions=conditions)
        return conditions


class ProjectExclusions(Endpoint):
    @deed("Projects whose workers may not work here", scope=Scope.READ, gives=ExclusionsOut)
    def get(self, call: Call, project_id: int) -> dict[str, Any]:
        rows = Exclusion.objects.filter(project=project_for(call.user, project_id)).order_by("other")
        return {"projects": list(rows.values_list("other", flat=True))}

    @deed("Set whose workers may not work here", scope=Scope.PROJECTS, takes=Exclusions, gives=ExclusionsOut)
    def put(self, call: Call, project_id: int) -> dict[str, Any]:
        requirements.set_exclusions(actor=call.user, project_id=project_id, other_ids=call.data["projects"])
        return {"projects": sorted(set(call.data["projects"]))}


class Team(Endpoint):
    @deed("The private team", scope=Scope.READ, gives=TeamMemberOut, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        project = project_for(call.user, project_id)
        page = call.page.of(TeamMember.objects.filter(project=project, removed_at=None))
        codes = pseudonyms_for(project.organisation, [one.worker_id for one in page.rows])
        rows = [{"worker": codes[one.worker_id], "joined_at": one.joined_at} for one in page.rows]
        return Page(rows, page.next)


class TeamMemberView(Endpoint):
    @deed("Take a worker out of the team", scope=Scope.PROJECTS, takes=Removal, status=204)
    def delete(self, call: Call, project_id: int, pseudonym: str) -> None:
        team.remove(actor=call.user, project_id=project_id, pseudonym=pseudonym, **call.data)


class TeamInvitations(Endpoint):
    @deed("Links into the team", scope=Scope.PROJECTS, gives=TeamInvitationOut, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        project = project_for(call.user, project_id)
        return call.page.of(TeamInvitation.objects.filter(project=project))

    @deed(
        "Make a link into the team",
        scope=Scope.PROJECTS,
        takes=NewTeamInvitation,
        gives=NewTeamInvitationOut,
        status=201,
    )
    def post(self, call: Call, project_id: int) -> Any:
        invitation: Any
        good_for = timedelta(days=call.data["days"])
        invitation, invitation.token = team.invite(
            actor=call.user, project_id=project_id, uses=call.data["uses"], good_for=good_for
        )
        return invitation


class TeamInvitationView(Endpoint):
    @deed("Withdraw a link; who came by it stays", scope=Scope.PROJECTS, status=204)
    def delete(self, call: Call, project_id: int, invitation_id: int) -> None:
        team.revoke(actor=call.user, project_id=project_id, invitation_id=invitation_id)


def read_conditions(project: Project, given: list[dict[str, Any]]) -> list[Condition]:
    known = usable_by(project.organisation, [one["qualification"] for one in given])
    return [
        Condition(
            known[one["qualification"]],
            one["comparator"],
            tuple(one["values"]),
            tuple(one["locales"]),
            guard=one["guard"],
            group=one["group"],
        )
        for one in given
    ]


def _or_not_found(version: Any) -> Any:
    if version is None:
        raise NotFound
    return version
