"""Label configs and guidelines, by version, and answers carried from one version to a later one. A version never
changes, so a process reads and parses it once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from crowd.labeling.answers import AnswerValue
from crowd.labeling.changes import ConfigChange, carried
from crowd.labeling.config import LabelConfig, parse
from crowd.labeling.kinds import Choice, MultiChoice
from crowd.labeling.kinds.rating import Rating
from crowd.projects.models import ConfigVersion, GuidelinesVersion
from crowd.projects.trees import resolved


@lru_cache(maxsize=512)
def version(config_id: int) -> ConfigVersion:
    """To be read only."""
    return ConfigVersion.objects.get(id=config_id)


def raw(config_id: int) -> Mapping[str, Any]:
    """The config as it was stored; to be read only."""
    found: dict[str, Any] = version(config_id).config
    return found


@lru_cache(maxsize=512)
def parsed(config_id: int) -> LabelConfig:
    project_id = ConfigVersion.objects.values_list("project_id", flat=True).get(id=config_id)
    return resolved(parse(raw(config_id)), project_id)


@lru_cache(maxsize=128)
def guidelines(guidelines_id: int) -> GuidelinesVersion:
    """To be read only."""
    return GuidelinesVersion.objects.get(id=guidelines_id)


@lru_cache(maxsize=512)
def changes(old_id: int, new_id: int) -> tuple[ConfigChange, ...]:
    """What happened to the labels from one version of a project's config to a later one, oldest first."""
    old, new = (ConfigVersion.objects.defer("config").get(id=id) for id in (old_id, new_id))
    between = ConfigVersion.objects.filter(
        project_id=new.project_id, version__gt=old.version, version__lte=new.version
    ).exclude(mapping={})
    return tuple(ConfigChange(labels=one.mapping) for one in between.defer("config").order_by("version"))


def value_as(question_id: str, value: Any, *, old_id: int, new_id: int) -> Any:
    """One value of an answer as the later version would have it; None where it says nothing there.

    It must be an answer there, whatever changed: a scale, a limit, a tie, and not only labels.
    """
    if old_id == new_id:
        return value
    value = _renamed(question_id, value, old_id=old_id, new_id=new_id)
    return None if value is None else carried(parsed(new_id).question(question_id), value, ConfigChange())


def _renamed(question_id: str, value: Any, *, old_id: int, new_id: int) -> Any:
    """In the words of the later version, whether or not it is an answer there; None where nothing is left."""
    old, new = parsed(old_id), parsed(new_id)
    if question_id not in new.ids or question_id not in old.ids:
        return None
    question = new.question(question_id)
    if old.question(question_id).kind != question.kind:  # dropped once, and another one got its id
        return None
    for step in changes(old_id, new_id):
        value = step.renamed(question, value)
        if value is None:
            return None
    return value


@lru_cache(maxsize=128)
def labels_as(question_id: str, new_id: int) -> tuple[tuple[int, str, str], ...]:
    """For each version of the project's config until this one: its id, what a label (of a question with one or with
    several, or a step of a rating) was called there, and what it is called now; without those that were dropped."""
    new = ConfigVersion.objects.only("project_id", "version").get(id=new_id)
    until = ConfigVersion.objects.filter(project_id=new.project_id, version__lte=new.version).order_by("version")
    return tuple(
        (old_id, str(said), str(now))
        for old_id in until.values_list("id", flat=True)
        for said in _labels(question_id, old_id)
        for now in _label_as(question_id, said, old_id=old_id, new_id=new_id)
    )


def _labels(question_id: str, config_id: int) -> Sequence[str | int]:
    config = parsed(config_id)
    asked = config.question(question_id) if question_id in config.ids else None
    if isinstance(asked, Rating):
        return range(asked.lowest, asked.highest + 1)
    return [label.name for label in asked.labels] if isinstance(asked, Choice | MultiChoice) else []


def _label_as(question_id: str, said: str | int, *, old_id: int, new_id: int) -> list[Any]:
    """What it became; [] where it was dropped. One of several labels need not be an answer alone."""
    if not isinstance(parsed(old_id).question(question_id), MultiChoice):
        now = value_as(question_id, said, old_id=old_id, new_id=new_id)
        return [] if now is None else [now]
    found: list[Any] = _renamed(question_id, [said], old_id=old_id, new_id=new_id) or []
    return found


def unit_as(unit: Mapping[str, Any], *, old_id: int, new_id: int) -> dict[str, Any]:
    """All values of one unit as the later version would have them."""
    found = {id: value_as(id, value, old_id=old_id, new_id=new_id) for id, value in unit.items()}
    return {id: value for id, value in found.items() if value is not None}


def answer_as(given: AnswerValue, *, old_id: int, new_id: int) -> AnswerValue:
    if old_id == new_id:
        return given
    return replace(given, units=tuple(unit_as(unit, old_id=old_id, new_id=new_id) for unit in given.units))
