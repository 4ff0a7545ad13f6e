"""Trees of labels, stored once a project and content: a config names them by digest, and no page ever holds one."""

from dataclasses import replace
from functools import lru_cache

from django.utils.translation import gettext as _

from crowd.kernel.errors import BadInput
from crowd.labeling.config import LabelConfig
from crowd.labeling.kinds import Question
from crowd.labeling.kinds.taxonomy import Taxonomy
from crowd.labeling.tree import Tree
from crowd.projects.models import LabelTree, Project


def keep(project: Project, config: LabelConfig) -> None:
    """Inner: needs the project's lock. Store the trees that a config brings. Raises BadInput for a missing one."""
    for question in resolved(config, project.pk).questions:
        if isinstance(question, Taxonomy) and question.tree is not None:
            fields = {"nodes": question.tree.to_json()}
            LabelTree.objects.get_or_create(project=project, sha256=question.digest, defaults=fields)


def resolved(config: LabelConfig, project_id: int) -> LabelConfig:
    """The config with its trees in it, for whoever validates answers: those it brings, and the project's stored ones.
    Raises BadInput for one that is neither."""
    if not any(isinstance(question, Taxonomy) and question.tree is None for question in config.questions):
        return config
    found = [_with_tree(question, place, project_id) for place, question in enumerate(config.questions)]
    return replace(config, questions=tuple(found))


def _with_tree(question: Question, place: int, project_id: int) -> Question:
    if not isinstance(question, Taxonomy) or question.tree is not None:
        return question
    try:
        return replace(question, tree=tree_of(project_id, question.digest))
    except LabelTree.DoesNotExist:
        message = _("The labels of this tree are missing: give them as nodes.")
        raise BadInput(message, errors={f"questions[{place}].nodes": message}) from None


@lru_cache(maxsize=16)
def tree_of(project_id: int, digest: str) -> Tree:
    """A stored tree never changes: a process reads it once."""
    return Tree.from_json(LabelTree.objects.get(project_id=project_id, sha256=digest).nodes)
