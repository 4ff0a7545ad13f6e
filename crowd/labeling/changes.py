"""From one version of a label config to the next: what becomes of answers that were given under the old one.

Questions keep their ids and kinds; labels are renamed (one to one), merged (several to one), dropped (to null), added.
Those of a choice within a record are called `field.label`, and stay within their field.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from crowd.labeling.config import LabelConfig
from crowd.labeling.errors import AnswerError, ConfigError
from crowd.labeling.fields import kind_of, listed, meant, shown
from crowd.labeling.kinds import Question
from crowd.labeling.kinds.base import Renaming
from crowd.labeling.kinds.taxonomy import Taxonomy
from crowd.labeling.speech import joined, say

MOST_COMPARED = 2_000  # labels, with which a slip of the pen is compared


@dataclass(frozen=True, kw_only=True)
class ConfigChange:
    """For each question that has labels, those that change: old name to new one, None where it is dropped."""

    labels: Mapping[str, Renaming] = field(default_factory=dict)

    def renamed(self, question: Question, value: Any) -> Any:
        """The value with its labels in new words; None where nothing of it is left."""
        return None if value is None else question.relabelled(value, self.labels.get(question.id, {}))

    def to_json(self) -> dict[str, Any]:
        return {id: dict(names) for id, names in self.labels.items()}


def read_change(data: Mapping[str, Any], old: LabelConfig, new: LabelConfig) -> ConfigChange:
    """``{question: {old label: new label or null}}``; a label that is in both versions stays unless it is named.

    Raises ConfigError for a label that is gone without a word, for names that are not known, for a question whose kind
    changes, and for other data than before: answers would mean something else.
    """
    if old.data != new.data:
        raise ConfigError("config.data", say("What is shown cannot change once answers were given."))
    both = [id for id in old.ids if id in new.ids]
    for id in data:
        if id not in both:
            hint = meant(id, both) or say("The questions are %(names)s.", names=listed(both))
            raise ConfigError(f"mapping.{id}", joined(say("%(value)s is not a question here.", value=shown(id)), hint))
    for number, question in enumerate(new.questions):
        if question.id in both and question.kind != old.question(question.id).kind:
            sentence = say("A question keeps its kind: give the new one a new id.")
            raise ConfigError(f"config.questions[{number}].kind", sentence)
    changed = {id: _labels(data.get(id, {}), old.question(id), new.question(id)) for id in both}
    return ConfigChange(labels={id: names for id, names in changed.items() if names})


def _labels(given: Any, old: Question, new: Question) -> dict[str, str | None]:
    path = f"mapping.{old.id}"
    if not isinstance(given, Mapping):
        raise ConfigError(path, say("This must be an object of labels, not %(kind)s.", kind=kind_of(given)))
    before = old.own_labels
    for name, becomes in given.items():
        if not before:
            raise ConfigError(f"{path}.{name}", say("%(value)s has no labels.", value=shown(old.id)))
        if name not in before:
            hint = _near(name, before) or say("They were %(names)s.", names=listed(before))
            raise ConfigError(f"{path}.{name}", joined(say("%(value)s was no label.", value=shown(name)), hint))
        after = new.may_become(name)
        if becomes is not None and not after:  # what was a choice within a record is none any more
            raise ConfigError(f"{path}.{name}", say("%(value)s has no labels.", value=shown(name.partition(".")[0])))
        if becomes is not None and (not isinstance(becomes, str) or becomes not in after):
            hint = _near(becomes, after) or say("They are %(names)s.", names=listed(after))
            raise ConfigError(f"{path}.{name}", joined(say("%(value)s is no label.", value=shown(becomes)), hint))
        if isinstance(new, Taxonomy):
            _check_leaf(new, becomes, f"{path}.{name}")
    for name in new.gone_from(old):
        if name not in given:
            sentence = say("%(value)s is gone: say which label it becomes, or null.", value=shown(name))
            raise ConfigError(f"{path}.{name}", sentence)
    return {name: becomes for name, becomes in given.items() if becomes != name}


def _near(name: Any, known: Collection[str]) -> str:
    return meant(name, known) if len(known) <= MOST_COMPARED else ""


def _check_leaf(new: Taxonomy, becomes: str | None, path: str) -> None:
    """A label that is no answer in the new version drops all that become it."""
    try:
        new.accept(becomes, path)
    except AnswerError as error:
        raise ConfigError(path, error.sentence) from error


def carried(question: Question, value: Any, change: ConfigChange) -> Any:
    """An answer to `question` (of the new version) that was given before the change, in its canonical form; None where
    it says nothing any more."""
    renamed = change.renamed(question, value)
    try:
        return None if renamed is None else question.accept(question.retyped(renamed), question.id)
    except AnswerError:
        return None
