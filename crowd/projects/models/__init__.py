"""The tables of this app, by what they are about."""

from crowd.projects.models.oversight import Report, Review
from crowd.projects.models.project import Project
from crowd.projects.models.tasks import Item, Task
from crowd.projects.models.uploads import MediaFile, StagedFile, Upload
from crowd.projects.models.versions import ConfigVersion, GuidelinesVersion, LabelTree
from crowd.projects.models.workforce import Exclusion, Requirement, TeamInvitation, TeamMember, Tier

__all__ = [
    "ConfigVersion",
    "Exclusion",
    "GuidelinesVersion",
    "Item",
    "LabelTree",
    "MediaFile",
    "Project",
    "Report",
    "Requirement",
    "Review",
    "StagedFile",
    "Task",
    "TeamInvitation",
    "TeamMember",
    "Tier",
    "Upload",
]
