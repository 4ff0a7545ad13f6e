"""Taxonomy: one label of a large tree, found by searching. Canonical answer: the label's id."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Self

from crowd.labeling.errors import AnswerError, ConfigError
from crowd.labeling.fields import Fields, kind_of, shown
from crowd.labeling.kinds.base import Common, Measure, Question, Renaming
from crowd.labeling.scene import ANYWHERE, Scene
from crowd.labeling.speech import say
from crowd.labeling.tree import MAX_ID, MOST_NODES, Tree, read_tree


@dataclass(frozen=True, kw_only=True)
class Taxonomy(Question):
    """A config brings the tree as `nodes`; what is stored and sent names it by `digest`, and whoever validates answers
    adds it again (crowd.projects.trees). With `leaves`, a label that has others below it is no answer."""

    kind: ClassVar[str] = "taxonomy"
    measure: ClassVar[Measure] = "own"
    labelled: ClassVar[bool] = True

    digest: str
    leaves: bool = False
    tree: Tree | None = field(default=None, compare=False, repr=False)

    @classmethod
    def read(cls, fields: Fields, common: Common) -> Self:
        tree = read_tree(fields, "nodes") if fields.get("nodes") is not None else None
        digest = fields.text("digest", at_most=64, default=tree.digest if tree else None)
        if not re.fullmatch("[0-9a-f]{64}", digest) or (tree and digest != tree.digest):
            raise ConfigError(fields.at("digest"), say("This is not the digest of the labels."))
        return cls(**common, digest=digest, leaves=fields.flag("leaves", default=False), tree=tree)

    def accept(self, value: Any, path: str, scene: Scene = ANYWHERE) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str) or not value or len(value) > MAX_ID:
            raise AnswerError(path, say("This must be the id of a label, not %(kind)s.", kind=kind_of(value)))
        if self.tree is not None and value not in self.tree.by_id:
            raise AnswerError(path, say("%(value)s is not one of the labels of the tree.", value=shown(value)))
        if self.tree is not None and self.leaves and value in self.tree.parents:
            raise AnswerError(path, say("%(value)s has labels below it: choose one of them.", value=shown(value)))
        return value

    @cached_property
    def own_labels(self) -> Collection[str]:
        return self.tree.by_id if self.tree else ()

    @classmethod
    def labels_in(cls, value: Any) -> list[str]:
        return [value] if isinstance(value, str) else []

    def relabelled(self, value: Any, names: Renaming) -> str | None:
        return names.get(value, value)

    def own_json(self) -> dict[str, Any]:
        return {"digest": self.digest, "leaves": self.leaves}

    @classmethod
    def own_schema(cls) -> dict[str, Any]:
        name = {"type": "string", "minLength": 1, "maxLength": 300}
        row = {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "string"}}
        named = {"type": "object", "properties": {"id": name, "title": name, "parent": name}, "required": ["id"]}
        nodes = {"type": "array", "items": {"anyOf": [row, named]}, "minItems": 2, "maxItems": MOST_NODES}
        properties = {
            "nodes": nodes,
            "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "leaves": {"type": "boolean", "default": False},
        }
        return {"properties": properties}
