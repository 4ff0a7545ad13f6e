"""Merged answers about the pieces of an item (tiles, clips, parts of a text), told of the whole item: the places of
marks on it, and each thing once that several pieces show. The one home of it for exports and the API."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from crowd.assignments.configs import parsed
from crowd.consensus.models import Consensus
from crowd.labeling.kinds import Question
from crowd.labeling.wholes import frame_of, on_whole
from crowd.projects.models import Project, Task
from crowd.quality.seams import SEAMS, Piece, Whole, seam_of, stitch

Facts: TypeAlias = dict[str, Any]
"""`value` and `details` of a merged answer, and whatever else is said of it."""
Source: TypeAlias = Mapping[str, Any]
About: TypeAlias = tuple[int, Source, Facts]  # task id, where in its item it was, what was merged


def told(question: Question, pieces: Sequence[About]) -> list[Facts]:
    """What was merged about the pieces of one item, each with its marks in places of the whole.

    What several pieces show is told once, at the first of them. Then `details` has, for each mark of `value`, how sure
    it is (`posteriors`) and the tasks that show it (`tasks`).
    """
    moved = [_moved(question.kind, facts, source) for _task, source, facts in pieces]
    frames = [frame_of(source) for _task, source, _facts in pieces]
    if question.kind not in SEAMS or len(pieces) < 2 or None in frames:
        return moved
    shown = [Piece(frame, facts["value"], _sure(facts)) for frame, facts in zip(frames, moved, strict=True) if frame]
    return _at_home(moved, stitch(seam_of(question.kind, question.settings), shown), [task for task, *_rest in pieces])


def _moved(kind: str, facts: Facts, source: Source) -> Facts:
    """With the marks that are there, and those that were doubted, where they are on the whole item."""
    found = facts | {"value": on_whole(kind, facts["value"], source)}
    details = facts.get("details") or {}
    if "doubtful" not in details:
        return found
    return found | {"details": details | {"doubtful": on_whole(kind, details["doubtful"], source)}}


def _sure(facts: Facts) -> list[float]:
    """Of each mark; what is known, or was decided, is certain."""
    found = (facts.get("details") or {}).get("posteriors")
    return found if found is not None and len(found) == len(facts["value"]) else [1.0] * len(facts["value"])


def _at_home(pieces: Sequence[Facts], wholes: Sequence[Whole], tasks: Sequence[int]) -> list[Facts]:
    at: dict[int, list[Whole]] = defaultdict(list)
    for whole in wholes:
        at[whole.pieces[0]].append(whole)
    return [
        facts
        | {
            "value": [dict(one.mark) for one in at[place]],
            "details": (facts.get("details") or {})
            | {
                "posteriors": [one.sure for one in at[place]],
                "tasks": [[tasks[piece] for piece in one.pieces] for one in at[place]],
            },
        }
        for place, facts in enumerate(pieces)
    ]


def tell(project: Project, rows: Sequence[Consensus]) -> None:
    """Give each of these rows that is about a piece of an item its `whole`: `value` and `details` as exports tell
    them. Reads every piece of the items they are about."""
    asked = {one.id: one for one in parsed(project.config_id).questions} if project.config_id else {}
    tasks = _pieces_beside({row.task_id for row in rows})
    groups: dict[tuple[int, int, str], list[Consensus]] = defaultdict(list)
    beside = Consensus.objects.filter(project=project, task__in=tasks, question__in={row.question for row in rows})
    for row in beside.order_by("task", "unit"):
        groups[tasks[row.task_id].item_id, row.unit, row.question].append(row)
    found: dict[int, Facts] = {}
    for (_item, _unit, id), group in groups.items():
        if id in asked:
            about = [(row.task_id, tasks[row.task_id].source, _facts(row)) for row in group]
            found |= zip((row.pk for row in group), told(asked[id], about), strict=True)
    for row in rows:
        row.whole = found.get(row.pk)


def _facts(row: Consensus) -> Facts:
    return {"value": row.value, "details": row.details}


def _pieces_beside(tasks: Iterable[int]) -> dict[int, Task]:
    """Every piece of the items of these tasks, by id."""
    own = Task.objects.filter(pk__in=tasks).only("id", "item_id", "source")
    items = {task.item_id for task in own if frame_of(task.source) and "items" not in task.source}
    return {one.pk: one for one in Task.objects.filter(item__in=items).only("id", "item_id", "source")}
