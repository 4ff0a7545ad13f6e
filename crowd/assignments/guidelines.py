"""Which version of a project's guidelines a worker has confirmed, and what changed since. Reads only."""

import difflib
from dataclasses import dataclass

from crowd.assignments.errors import GuidelinesUnread
from crowd.assignments.models import Assignment, Participation
from crowd.projects.models import GuidelinesVersion, Project

Line = tuple[str, str]  # (“+”, “-” or “ ”, text)


@dataclass(frozen=True)
class Unread:
    """The version in force, which he has not confirmed, and the one that he confirmed last (None: he is new)."""

    version: GuidelinesVersion
    before: GuidelinesVersion | None

    @property
    def changes(self) -> list[Line]:
        """What differs from what he read, the lines around it included; nothing for who is new."""
        return difference(self.before.text, self.version.text) if self.before else []

    def refusal(self) -> GuidelinesUnread:
        one, read = self.version, self.before.version if self.before else None
        return GuidelinesUnread(version=one.version, text=one.text, read=read, changes=self.changes)


def unread(project: Project, participation: Participation | None) -> Unread | None:
    """None where there is nothing to read, or he has read it."""
    if project.guidelines_id is None:
        return None
    version = GuidelinesVersion.objects.get(pk=project.guidelines_id)
    read = participation.guidelines_read if participation else None
    if not version.text.strip() or read == version.version:
        return None
    before = GuidelinesVersion.objects.filter(project_id=project.pk, version=read).first() if read else None
    return Unread(version, before)


def since(one: Assignment, project: Project) -> list[Line]:
    """What the guidelines in force say otherwise than those by which this answer was given, which was sent back."""
    if one.rework_of is None or project.guidelines_id in (None, one.guidelines_id):
        return []
    both = GuidelinesVersion.objects.in_bulk([id for id in (one.guidelines_id, project.guidelines_id) if id])
    before = both[one.guidelines_id].text if one.guidelines_id else ""
    return difference(before, both[project.guidelines_id].text)


def difference(before: str, after: str) -> list[Line]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=2, lineterm="")
    return [(line[0], line[1:]) for line in list(lines)[2:] if not line.startswith("@@")]
