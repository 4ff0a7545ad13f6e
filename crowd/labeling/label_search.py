"""The labels of a config's trees, found by their words or level by level: no page ever holds a whole tree."""

from typing import Any

from crowd.labeling.config import LabelConfig
from crowd.labeling.kinds.taxonomy import Taxonomy
from crowd.labeling.tree import Node, Tree

MOST = 50


def found(config: LabelConfig, *, question: str, words: str, under: str) -> list[dict[str, Any]] | None:
    """At most MOST labels of a question (by default the first with a tree), as ``{id, title, path, more}``: those with
    all the words, or, without words, those right below `under`, or at the top. None where there is no such tree."""
    trees = {one.id: one.tree for one in config.questions if isinstance(one, Taxonomy) and one.tree is not None}
    tree = trees.get(question or next(iter(trees), ""))
    if tree is None:
        return None
    nodes = tree.search(words, most=MOST) if words.strip() else tree.below(under, most=MOST)
    return [_told(tree, node) for node in nodes]


def _told(tree: Tree, node: Node) -> dict[str, Any]:
    return {"id": node.id, "title": node.title, "path": tree.path(node.id), "more": node.id in tree.parents}
