"""What is asked and how it is explained: versions that are only ever added, the newest one in force."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import BadInput
from crowd.labeling import config as label_config
from crowd.labeling.config import LabelConfig
from crowd.labeling.errors import ConfigError
from crowd.labeling.split import parse_split
from crowd.projects import fields, trees
from crowd.projects.access import locked_for
from crowd.projects.errors import Fixed
from crowd.projects.models import ConfigVersion, GuidelinesVersion, Project
from crowd.projects.services.cut import recut
from crowd.projects.services.draft import refuse_while_importing
from crowd.projects.services.record import record
from crowd.projects.states import ProjectState
from crowd.users.models import User

MAX_GUIDELINES = 100_000
WORDS = frozenset({"text", "help", "title", "description", "example", "colour", "key"})


def set_config(
    *, actor: User, project_id: int, config: Mapping[str, Any], guidelines: str | None = None
) -> ConfigVersion:
    """A new version of the label config; the same config again gives the version that is there. With `guidelines`, a
    new version of these in the same transaction.

    On a draft anything may change; its items are checked and cut anew. On a published project only words may (texts,
    titles, colours, hot keys): for the rest answers need a mapping (crowd.consensus.services.reconfigure). Raises
    BadInput naming the place, Fixed, BadRows for items that do not fit, ImportUnderWay, WrongState.
    """
    new, text = _parse(config), None if guidelines is None else checked_guidelines(guidelines)
    with transaction.atomic(durable=True):
        now = clock.now()
        project = locked_for(actor, project_id, ProjectState.DRAFT, ProjectState.OPEN, ProjectState.PAUSED)
        version = _changed_config(project, new, actor, now)
        if text is not None:
            changed_guidelines(project, text=text, parts={}, actor=actor, now=now)
    return version


def _changed_config(project: Project, new: LabelConfig, actor: User, now: datetime) -> ConfigVersion:
    old = _parse(project.config.config) if project.config is not None else None
    if old == new and project.config is not None:
        return project.config
    only_words = old is not None and _skeleton(old.to_json()) == _skeleton(new.to_json())
    _check_change(project, new, only_words=only_words)
    version = next_config(project, new, actor, now)
    if not only_words:
        recut(project)
    return version


def checked_guidelines(text: str) -> str:
    """As they are stored, with lines that end in "\\n". Raises BadInput, for who has more to change before them."""
    text = _lines(text)
    if "\x00" in text or len(text) > MAX_GUIDELINES:
        sentence = _("Guidelines are text of at most %(most)s characters.") % {"most": MAX_GUIDELINES}
        raise BadInput(sentence, errors={"guidelines": sentence})
    return text


def set_guidelines(
    *, actor: User, project_id: int, text: str, parts: Mapping[str, Any] | None = None
) -> GuidelinesVersion:
    """A new version of the guidelines (Markdown), at any time before closing; assignments remember what they showed.

    Browsers send a line break as "\\r\\n": that is no change, and no reason to lose the `parts`.
    """
    text = checked_guidelines(text)
    with transaction.atomic(durable=True):
        now = clock.now()
        project = locked_for(actor, project_id, ProjectState.DRAFT, ProjectState.OPEN, ProjectState.PAUSED)
        return changed_guidelines(project, text=text, parts=parts or {}, actor=actor, now=now)


def changed_guidelines(
    project: Project, *, text: str, parts: Mapping[str, Any], actor: User, now: datetime
) -> GuidelinesVersion:
    """Inner: as `next_guidelines`, of checked text; the version in force where that says the same."""
    if project.guidelines is not None and _lines(project.guidelines.text) == text:
        return project.guidelines
    return next_guidelines(project, text=text, parts=parts, actor=actor, now=now)


def next_guidelines(
    project: Project, *, text: str, parts: Mapping[str, Any], actor: User, now: datetime
) -> GuidelinesVersion:
    """Inner: needs the project's lock. `parts`: what the text was put together from (crowd.guidance.parts)."""
    number = _next_number(GuidelinesVersion, project)
    version = GuidelinesVersion.objects.create(
        project=project, version=number, text=text, parts=dict(parts), created_by=actor, created_at=now
    )
    before = {"version": project.guidelines.version if project.guidelines else None}
    project.guidelines = version
    project.save(update_fields=["guidelines"])
    record(actor, project, "project.guidelines", now=now, before=before, after={"version": number})
    return version


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _parse(config: Mapping[str, Any]) -> LabelConfig:
    try:
        return label_config.parse(config)
    except ConfigError as error:
        raise BadInput.of(error, "config") from error


def _check_change(project: Project, new: LabelConfig, *, only_words: bool) -> None:
    if project.state != ProjectState.DRAFT and not only_words:
        raise Fixed(
            _(
                "Once a project is published only the words of its label config may change here. To change what may be "
                "answered, say what becomes of the answers that were given."
            )
        )
    if not only_words:
        refuse_while_importing(project)
    try:
        parse_split(project.split, data_kind=new.data.kind)
    except ConfigError as error:
        fields.refuse({f"split.{error.path}": error.message})


def next_config(
    project: Project, new: LabelConfig, actor: User, now: datetime, *, mapping: Mapping[str, Any] | None = None
) -> ConfigVersion:
    """Inner: needs the project's lock. `mapping`: what becomes of the labels of the version before."""
    trees.keep(project, new)
    number = _next_number(ConfigVersion, project)
    version = ConfigVersion.objects.create(
        project=project, version=number, config=new.to_json(), mapping=mapping or {}, created_by=actor, created_at=now
    )
    before = {"version": project.config.version if project.config else None}
    project.config = version
    project.save(update_fields=["config"])
    record(actor, project, "project.config", now=now, before=before, after={"version": number})
    return version


def _next_number(model: type[ConfigVersion] | type[GuidelinesVersion], project: Project) -> int:
    """Under the project's lock, so that no number is given twice."""
    newest = model.objects.filter(project=project).aggregate(newest=Max("version"))["newest"]
    return (newest or 0) + 1


def _skeleton(value: Any) -> Any:
    """A config without its words: what answers are given by."""
    if isinstance(value, Mapping):
        return {name: _skeleton(part) for name, part in value.items() if name not in WORDS}
    return [_skeleton(part) for part in value] if isinstance(value, list) else value
