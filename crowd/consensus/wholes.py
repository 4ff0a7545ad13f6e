"""Merged answers about the pieces of an item (tiles, clips, parts of a text), told of the whole item: the places of
marks on it, and each thing once that several pieces show. The one home of it for exports and the API."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from crowd.assignments.configs import parsed
from crowd.consensus.models import Consensus
from crowd.labeling.config import LabelConfig
from crowd.labeling.kinds import Question, Relations
from crowd.labeling.wholes import frame_of, is_piece, is_placed, on_whole
from crowd.projects.models import Project, Task
from crowd.quality.seams import SEAMS, Frame, Piece, Whole, seam_of, stitch

Facts: TypeAlias = dict[str, Any]
"""`value` and `details` of a merged answer, and whatever else is said of it."""
Source: TypeAlias = Mapping[str, Any]
About: TypeAlias = tuple[int, Source, Facts]  # task id, where in its item it was, what was merged
Span: TypeAlias = tuple[int, int]  # start and end, in code points of the whole text
Spans: TypeAlias = Mapping[tuple[int, Span], Span]
"""What each task's spans are told as."""
PIECES = 500  # of the items on one page of the API; exports have no bound


def are_placed(config: LabelConfig) -> bool:
    """Whether anything is asked whose answers about pieces of an item have to be seen together."""
    return any(is_placed(one.kind, config.data.kind) for one in config.questions)


def told(config: LabelConfig, pieces: Mapping[str, Sequence[About]]) -> dict[str, list[Facts]]:
    """What was merged about the pieces of one item, by question, each with its marks in places of the whole.

    What several pieces show is told once, at the first of them. Then `details` has, for each mark of `value`, how sure
    it is (`posteriors`) and the tasks that show it (`tasks`). Relations name spans as those are told.
    """
    found: dict[str, list[Facts]] = {}
    spans: dict[str, Spans] = {}
    for question in config.questions:  # the spans before the relations between them
        about = pieces.get(question.id, ())
        tasks = [task for task, _source, _facts in about]
        moved = [_moved(question.kind, config.data.kind, facts, source) for _task, source, facts in about]
        if isinstance(question, Relations):
            moved = [_named(question, *one, spans.get(question.of, {})) for one in zip(tasks, moved, strict=True)]
        wholes = _wholes(question, [frame_of(question.kind, config.data.kind, one[1]) for one in about], moved)
        found[question.id] = moved if wholes is None else _at_home(moved, wholes, tasks)
        if question.kind == "spans" and wholes is not None:
            spans[question.id] = _spans(wholes, moved, tasks)
    return found


def _wholes(question: Question, frames: Sequence[Frame | None], moved: Sequence[Facts]) -> list[Whole] | None:
    """None where there is nothing to put together."""
    if question.kind not in SEAMS or len(moved) < 2 or None in frames:
        return None
    shown = [Piece(frame, facts["value"], _sure(facts)) for frame, facts in zip(frames, moved, strict=True) if frame]
    return stitch(seam_of(question.kind, question.settings), shown)


def _moved(kind: str, data_kind: str, facts: Facts, source: Source) -> Facts:
    """With the marks that are there, and those that were doubted, where they are on the whole item."""
    found = facts | {"value": on_whole(kind, data_kind, facts["value"], source)}
    details = facts.get("details") or {}
    if "doubtful" not in details:
        return found
    return found | {"details": details | {"doubtful": on_whole(kind, data_kind, details["doubtful"], source)}}


def _spans(wholes: Sequence[Whole], moved: Sequence[Facts], tasks: Sequence[int]) -> Spans:
    return {
        (tasks[piece], _span(moved[piece]["value"][place])): _span(whole.mark)
        for whole in wholes
        for piece, place in whole.parts
    }


def _span(mark: Mapping[str, Any]) -> Span:
    return mark["start"], mark["end"]


def _named(question: Relations, task: int, facts: Facts, spans: Spans) -> Facts:
    """With relations between the spans that are told, where those of this task are told as others."""

    def ends(mark: Mapping[str, Any]) -> dict[str, list[int]]:
        found = [list(spans.get((task, (mark[end][0], mark[end][1])), mark[end])) for end in ("from", "to")]
        return dict(zip(("from", "to"), found if question.directed else sorted(found), strict=True))

    return facts | {"value": [mark | ends(mark) for mark in facts["value"]]} if spans else facts


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
    them. Reads every piece of the items they are about, of at most so many items that those are PIECES in all."""
    if project.config_id is None:
        return
    config = parsed(project.config_id)
    tasks = _pieces_beside(config.data.kind, {row.task_id for row in rows})
    groups: dict[int, dict[str, list[Consensus]]] = defaultdict(lambda: defaultdict(list))
    wanted = _with_spans(config, {row.question for row in rows})
    for row in Consensus.objects.filter(project=project, task__in=tasks, question__in=wanted).order_by("task"):
        groups[tasks[row.task_id].item_id][row.question].append(row)
    found: dict[int, Facts] = {}
    for group in groups.values():
        about = {id: [(row.task_id, tasks[row.task_id].source, _facts(row)) for row in some]
                 for id, some in group.items()}  # fmt: skip
        for id, facts in told(config, about).items():
            found |= zip((row.pk for row in group[id]), facts, strict=True)
    for row in rows:
        row.whole = found.get(row.pk)


def _with_spans(config: LabelConfig, questions: set[str]) -> set[str]:
    """These questions, and those about the spans that relations among them join."""
    return questions | {one.of for one in config.questions if isinstance(one, Relations) and one.id in questions}


def _facts(row: Consensus) -> Facts:
    return {"value": row.value, "details": row.details}


def _pieces_beside(data_kind: str, tasks: set[int]) -> dict[int, Task]:
    """Every piece of the items of these tasks, by id; of an item all or none."""
    own = Task.objects.filter(pk__in=tasks).only("id", "item_id", "source")
    items = {task.item_id for task in own if is_piece(data_kind, task.source)}
    beside = Task.objects.filter(item__in=items).only("id", "item_id", "source").order_by("item_id", "pk")
    found = list(beside[: PIECES + 1])
    beyond = found[-1].item_id if len(found) > PIECES else None
    return {task.pk: task for task in found if task.item_id != beyond}
