"""A tree of labels too large for a page: up to 100,000, kept beside the config and named in it by its digest."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from crowd.labeling.errors import ConfigError
from crowd.labeling.fields import Fields, shown
from crowd.labeling.speech import say

MOST_NODES = 100_000
MAX_ID = 100
MAX_TITLE = 300


@dataclass(frozen=True)
class Node:
    """One label: answers hold its id; `parent` is another node's id, empty at the top."""

    id: str
    title: str
    parent: str = ""


@dataclass(frozen=True)
class Tree:
    """Nodes in the order in which they are shown."""

    nodes: tuple[Node, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Node]:
        return {node.id: node for node in self.nodes}

    @cached_property
    def parents(self) -> frozenset[str]:
        """Ids of nodes that have others below them."""
        return frozenset(node.parent for node in self.nodes if node.parent)

    @cached_property
    def digest(self) -> str:
        """The same tree, the same digest."""
        return hashlib.sha256(json.dumps(self.to_json(), ensure_ascii=False).encode()).hexdigest()

    @cached_property
    def _folded(self) -> list[str]:
        return [f"{node.title}\n{node.id}".casefold() for node in self.nodes]

    def to_json(self) -> list[list[str]]:
        return [[node.id, node.title, node.parent] for node in self.nodes]

    @classmethod
    def from_json(cls, rows: Sequence[Sequence[str]]) -> "Tree":
        """From `to_json`; nothing is checked again."""
        return cls(tuple(Node(*row) for row in rows))

    def path(self, id: str) -> list[str]:
        """The titles from the top down to a node."""
        titles: list[str] = []
        while id:
            node = self.by_id[id]
            titles.append(node.title)
            id = node.parent
        return titles[::-1]

    def below(self, parent: str = "", *, most: int) -> list[Node]:
        """The children of a node, or what is at the top."""
        return list(islice((node for node in self.nodes if node.parent == parent), most))

    def search(self, words: str, *, most: int) -> list[Node]:
        """Nodes whose title or id holds every word; those that begin with the first come first."""
        wanted = words.casefold().split()
        if not wanted:
            return []
        found = [place for place, text in enumerate(self._folded) if all(word in text for word in wanted)]
        found.sort(key=lambda place: (not self._folded[place].startswith(wanted[0]), len(self._folded[place])))
        return [self.nodes[place] for place in found[:most]]


def read_tree(fields: Fields, key: str) -> Tree:
    """From a list of ``[id, title, parent]`` (title and parent may be left out) or of objects. Raises ConfigError."""
    rows = fields.list_of(key, at_least=2, at_most=MOST_NODES, what=say("labels"))
    nodes = tuple(_node(row, f"{fields.at(key)}[{place}]") for place, row in enumerate(rows))
    known: dict[str, Node] = {}
    for place, node in enumerate(nodes):
        if node.id in known:
            raise ConfigError(f"{fields.at(key)}[{place}]", say("%(value)s is given twice.", value=shown(node.id)))
        if node.parent and node.parent not in known:
            sentence = say("%(value)s is not a label before this one.", value=shown(node.parent))
            raise ConfigError(f"{fields.at(key)}[{place}]", sentence)
        known[node.id] = node
    return Tree(nodes)


def _node(row: Any, path: str) -> Node:
    if isinstance(row, Mapping):
        row = [row.get("id"), row.get("title") or row.get("id"), row.get("parent") or ""]
    cells = list(_cells(row, path))
    return Node(cells[0], cells[1] if len(cells) > 1 and cells[1] else cells[0], cells[2] if len(cells) > 2 else "")


def _cells(row: Any, path: str) -> Iterator[str]:
    if not isinstance(row, list | tuple) or not 1 <= len(row) <= 3:
        raise ConfigError(path, say("A label of a tree is a list of its id, title and parent."))
    for cell, most in zip(row, (MAX_ID, MAX_TITLE, MAX_ID), strict=False):
        if not isinstance(cell, str) or len(cell) > most or "\x00" in cell or not cell.isprintable():
            raise ConfigError(path, say("Ids and titles are text of one line, at most %(most)s characters.", most=most))
        yield cell.strip()
    if not row[0].strip():
        raise ConfigError(path, say("This must not be empty."))
