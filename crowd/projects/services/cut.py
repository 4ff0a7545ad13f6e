"""Tasks from items, in the caller's transaction; the caller holds the project's row."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from random import Random, SystemRandom

from django.utils.translation import gettext as _

from crowd.kernel.speech import translated
from crowd.labeling import config as label_config
from crowd.labeling.config import LabelConfig
from crowd.labeling.errors import LabelingError
from crowd.labeling.split import Split, parse_split
from crowd.projects import cutting
from crowd.projects.cutting import Datum, Media, NewTask
from crowd.projects.errors import BadRows, NoConfig
from crowd.projects.imports import copy, options, rows
from crowd.projects.imports.options import MEDIA_KINDS
from crowd.projects.models import Item, Project, Task
from crowd.projects.trees import resolved

BATCH = 2_000
SHOWN_FAULTS = 100


@dataclass(frozen=True, kw_only=True)
class Cut:
    """What came of cutting: tasks in all, how many of them gold, and the answers wanted of the others."""

    tasks: int = 0
    gold_tasks: int = 0
    slots: int = 0

    def __add__(self, other: "Cut") -> "Cut":
        return Cut(
            tasks=self.tasks + other.tasks,
            gold_tasks=self.gold_tasks + other.gold_tasks,
            slots=self.slots + other.slots,
        )


def cut(project: Project, items: Iterable[Item], *, rng: Random | None = None) -> Cut:
    """Store the tasks of these items, in their order. Streams: nothing but one batch is held.

    Tests and replays pass `rng`, which alone decides the places in the ring. Raises SplitError, NoConfig.
    """
    config, _split = shape(project)
    return cut_data(project, (datum(project, item, config) for item in items), rng=rng)


def cut_data(project: Project, data: Iterable[Datum], *, rng: Random | None = None) -> Cut:
    """`cut`, for items that were stored but are not at hand as models."""
    config, split = shape(project)
    found = cutting.tasks(config, split, data, rng or SystemRandom())
    total = Cut()
    while batch := list(islice(found, BATCH)):
        copy.copy_tasks(project.pk, ((task.item_id, task.ring, _cells(task)) for task in batch))
        total += _count(batch)
    return total


def recut(project: Project, *, rng: Random | None = None) -> Cut:
    """Cut all items of a draft anew, after its config or split changed. Raises BadRows naming those that do not fit.

    Only a draft's tasks may be thrown away: nobody has seen one.
    """
    Task.objects.filter(project=project).delete()
    if not Item.objects.filter(project=project).exists():
        return Cut()
    config, split = shape(project)
    _refuse_unfit(project, config, split)
    return cut(project, _all_items(project), rng=rng)


def shape(project: Project) -> tuple[LabelConfig, Split]:
    """The label config and the split that items are cut by. Raises NoConfig."""
    if project.config is None:
        raise NoConfig
    return resolved(label_config.parse(project.config.config), project.pk), parse_split(project.split)


def datum(project: Project, item: Item, config: LabelConfig) -> Datum:
    """An item as cutting sees it."""
    hidden = options.stored(item.upload.options if item.upload else {}).hidden
    return Datum(
        id=item.pk,
        shown=cutting.shown(item.data, hidden, media_of(item, config)),
        redundancy=item.redundancy or project.redundancy,
        gold=item.gold,
        gold_reason=item.gold_reason,
    )


def media_of(item: Item, config: LabelConfig) -> dict[str, Media]:
    """The item's files, as tasks name them, by the columns that show them."""
    files = {config.data.field: item.media, config.data.beside: item.beside}
    return {
        name: Media(one.pk, one.width, one.height, one.seconds)
        for name, one in files.items()
        if name and one is not None
    }


def _cells(task: NewTask) -> bytes:
    return copy.task_cells(
        payload=task.payload,
        source=task.source,
        units=task.units,
        redundancy=task.redundancy,
        gold=task.gold,
        gold_reason=task.gold_reason,
    )


def _count(batch: Sequence[NewTask]) -> Cut:
    return Cut(
        tasks=len(batch),
        gold_tasks=sum(task.is_gold for task in batch),
        slots=sum(task.needed for task in batch),
    )


def _all_items(project: Project) -> Iterator[Item]:
    items = Item.objects.filter(project=project).select_related("upload", "media", "beside").order_by("id")
    # Not a server-side cursor: its rows could not be read while COPY uses the same connection.
    last = 0
    while batch := list(items.filter(pk__gt=last)[:BATCH]):
        last = batch[-1].pk
        yield from batch


def _refuse_unfit(project: Project, config: LabelConfig, split: Split) -> None:
    """Items that were fine under the old config or split may not be under the new one."""
    faults = []
    for item in _all_items(project):
        try:
            _fit(project, item, config, split)
        except LabelingError as error:
            faults.append(
                {"row": item.pk, "key": item.key, "column": error.path, "reason": str(translated(error.message))}
            )
        if len(faults) == SHOWN_FAULTS:
            break
    if faults:
        message = _("The items that are there do not fit. Item %(row)s, %(column)s: %(reason)s") % faults[0]
        raise BadRows(message, rows=faults)


def _fit(project: Project, item: Item, config: LabelConfig, split: Split) -> None:
    """Raises a LabelingError. A known answer is brought into the form that the new config gives it."""
    if config.data.kind in MEDIA_KINDS and item.media_id is None:
        raise LabelingError(config.data.field, _("There is no file with this item."))
    if config.data.beside and item.beside_id is None:
        raise LabelingError(config.data.beside, _("There is no file with this item."))
    columns = datum(project, item, config).shown
    if config.data.prediction in item.data and config.data.prediction not in columns:
        raise LabelingError(config.data.prediction, _("It was imported as a column that no worker sees."))
    _pieces, gold = rows.fitting(config, split, columns, item.gold)
    if gold != item.gold:
        item.gold = gold
        item.save(update_fields=["gold"])
