"""The shows are put on: each posted, worked through by a few for a day, then given more items for whoever signs in."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from crowd.assignments.models import Answer, Assignment
from crowd.assignments.services import contributions
from crowd.consensus.models import Consensus
from crowd.labeling import config as label_config
from crowd.labeling.config import LabelConfig
from crowd.labeling.kinds import Contribution
from crowd.labeling.scene import scene_of
from crowd.operations.demo import crowd, posting
from crowd.operations.demo.cast import Cast
from crowd.operations.demo.crowd import Person
from crowd.operations.demo.posting import CENT, DAY_S
from crowd.operations.demo.showcase.shows import SHOWS
from crowd.operations.demo.showcase.thing import FIRST, GOLD, Show, Thing
from crowd.operations.demo.work import Says, Tick, Work, do_a_day, run_jobs
from crowd.operations.simulate.kinds import answer
from crowd.projects.models import Item, Project
from crowd.projects.services import config, draft, items
from crowd.projects.states import PayPolicy
from qualifications.scoring import likeness

PEOPLE = 8  # without Wanda, whom a visitor can be: everything is new to her
EACH = 5  # answers, about
REDUNDANCY = 3
GOLD_SHARE = "0.2"
REASON = "This item was made by a program, which knows what is in it."


@dataclass(frozen=True)
class Staged:
    """A show and its project; `things` by the key of their item."""

    show: Show
    project: Project
    things: Mapping[str, Thing]

    @property
    def config(self) -> LabelConfig:
        return label_config.parse(self.show.config)


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """How far answers are as the truth, from 0 to 1: one by one, and merged. Means over items and questions."""

    alone: float
    together: float


def put_on(cast: Cast, random: Random, tick: Tick) -> list[Staged]:
    """Those that the organisation does not have yet: one of each is enough."""
    there = set(Project.objects.filter(organisation=cast.organisation).values_list("title", flat=True))
    return [_put_on(cast, show, random, tick) for show in SHOWS if show.title not in there]


def _put_on(cast: Cast, show: Show, random: Random, tick: Tick) -> Staged:
    things = {f"{number:02}": thing for number, thing in enumerate(show.things(random))}
    keys = list(things)
    staged = Staged(show, _draft(cast, show), things)
    _add(cast, staged, keys[: GOLD + FIRST], random)
    project = posting.funded(cast, staged.project)
    work = Work(project, cast.crowd[1 : 1 + PEOPLE], _says(staged), random, tick, seconds=show.seconds)
    do_a_day(work, EACH)
    run_jobs(project)
    _add(cast, staged, keys[GOLD + FIRST :], random)
    return staged


def _draft(cast: Cast, show: Show) -> Project:
    judged: dict[str, Any] = {"gold_share": GOLD_SHARE, "pay_policy": PayPolicy.AT_ONCE}
    project = draft.create(
        actor=cast.requester,
        organisation=cast.organisation,
        title=show.title,
        description=show.description,
        currency="USD",
        reward_micros=show.cents * CENT,
        redundancy=REDUNDANCY,
        time_limit_s=1800,
        auto_accept_s=3 * DAY_S,
        **({} if show.brought else judged),  # what people bring is looked at by people
    )
    config.set_config(actor=cast.requester, project_id=project.pk, config=show.config)
    return project


def _add(cast: Cast, staged: Staged, keys: Sequence[str], random: Random) -> None:
    rows = [_row(staged, key) for key in keys]
    if staged.show.ending:
        content = _zipped(staged, rows)
        posting.add_files(cast, staged.project, content, "files.zip", random)
        return
    options = {"key_column": "key"}
    items.add(actor=cast.requester, project_id=staged.project.pk, rows=rows, options=options, rng=random)


def _row(staged: Staged, key: str) -> dict[str, Any]:
    """The columns of an item; the first ones come with their answer."""
    is_gold = int(key) < GOLD and not staged.show.brought
    known = {"gold": staged.things[key].truth, "gold_reason": REASON} if is_gold else {}
    return {"key": key, **staged.things[key].columns, **known}


def _zipped(staged: Staged, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The files of each row, and the manifest that names them."""
    shown = staged.config.data.pictured
    manifest, stream = io.StringIO(), io.BytesIO()
    written = csv.writer(manifest)
    written.writerow([*shown, "key", "gold", "gold_reason"])
    with zipfile.ZipFile(stream, "w") as archive:
        for row in rows:
            names = [f"{row['key']}-{column}.{staged.show.ending}" for column in shown]
            gold = json.dumps(row["gold"]) if "gold" in row else ""
            written.writerow([*names, row["key"], gold, row.get("gold_reason", "")])
            for column, name in zip(shown, names, strict=True):
                archive.writestr(name, staged.things[row["key"]].files[column])
        archive.writestr("manifest.csv", manifest.getvalue())
    return stream.getvalue()


def _says(staged: Staged) -> Says:
    asked = staged.config
    keys = dict(Item.objects.filter(project=staged.project).values_list("id", "key"))

    def says(person: Person, held: Assignment, done: int, random: Random) -> dict[str, Any]:
        scene = scene_of(asked.data.kind, asked.data.field, held.task.payload["units"][0])
        truth = staged.things[str(keys[held.task.item_id])].truth
        given = answer(asked, truth, skill=crowd.skill(person), scene=scene, dice=random)
        return given | _brought(staged.show, asked, held, random)

    return says


def _brought(show: Show, asked: LabelConfig, held: Assignment, random: Random) -> dict[str, Any]:
    """Answers to questions that collect files, each brought before as a worker's page does it."""
    files = [one for one in asked.questions if isinstance(one, Contribution) and one.takes in show.brought]
    found = {}
    for question in files:
        name, content = show.brought[question.takes](random)
        kept = contributions.bring(
            worker=held.worker,
            assignment_id=held.pk,
            question=question.id,
            stream=io.BytesIO(content),
            filename=name,
        )
        found[question.id] = {"file": kept.media_id, "name": name, "sha256": kept.sha256, "consent": True}
    return found


def alike(staged: Sequence[Staged]) -> Likeness:
    """Over the items that have a consensus, and over the questions that have a right answer; known answers left out."""
    alone: list[float] = []
    together: list[float] = []
    for one in staged:
        for row in Consensus.objects.filter(project=one.project, task__is_gold=False).select_related("task__item"):
            asked = one.config.question(row.question)
            truth = one.things[str(row.task.item.key)].truth.get(row.question)
            if asked.is_opinion or truth is None or row.value is None:
                continue
            together.append(likeness(asked, row.value, truth))
            alone += [likeness(asked, said, truth) for said in _said(row.task_id, row.question)]
    return Likeness(alone=_mean(alone), together=_mean(together))


def _said(task: int, question: str) -> list[Any]:
    values = Answer.objects.filter(task=task, cannot_answer="").values_list("value", flat=True)
    return [value["units"][0][question] for value in values if question in value["units"][0]]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(len(values), 1)
