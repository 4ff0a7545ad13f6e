"""Guidelines written label by label: a new version of the text that workers read, with its parts beside it."""

from collections.abc import Mapping
from typing import Any

from crowd.assignments.configs import parsed
from crowd.guidance import parts
from crowd.kernel.errors import Conflict
from crowd.projects.access import project_for
from crowd.projects.models import GuidelinesVersion
from crowd.projects.services import config
from crowd.users.models import User


def write(*, actor: User, project_id: int, data: Mapping[str, Any]) -> GuidelinesVersion:
    """`data` as crowd.guidance.parts says. Raises NotFound, BadInput, Conflict (nothing is asked yet), WrongState."""
    project = project_for(actor, project_id)
    if project.config_id is None:
        raise Conflict
    read = parts.read(data, parsed(project.config_id))
    return config.set_guidelines(actor=actor, project_id=project_id, text=parts.compose(read), parts=read)
