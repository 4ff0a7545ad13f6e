from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crowd.projects.models import Project
from crowd.users.models import User
from crowd.users.services import audit


def record(
    actor: User | None,
    project: Project,
    action: str,
    *,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """An audit entry about a project, in the caller's transaction."""
    audit.record(
        actor=actor,
        action=action,
        subject=project,
        now=now,
        organisation=project.organisation,
        before=before,
        after=after,
        reason=reason,
    )
