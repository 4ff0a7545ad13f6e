"""How good a draft's predictions are by its known answers, and what would give those away."""

from dataclasses import dataclass

from crowd.labeling.answers import AnswerValue
from crowd.labeling.config import LabelConfig
from crowd.labeling.gold_keys import parse_gold
from crowd.labeling.predictions import predicted
from crowd.projects.models import Project, Task
from crowd.projects.services.cut import shape
from crowd.quality.gold import is_right
from qualifications.scoring import score

LOOKED_AT = 1000  # tasks of either sort; more would tell the same


@dataclass(frozen=True, kw_only=True)
class Predictions:
    """Of the tasks that were looked at, ordinary ones and known ones (gold): those that have a prediction, and the
    known ones where it is right."""

    tasks: int
    filled: int
    gold: int
    gold_filled: int
    gold_right: int

    @property
    def gives_gold_away(self) -> bool:
        """A worker could tell them apart: by a form that is empty, or filled."""
        return bool(self.gold and self.tasks) and (2 * self.gold_filled < self.gold) != (2 * self.filled < self.tasks)

    @property
    def is_never_wrong(self) -> bool:
        """Gold cannot tell who only confirms."""
        return bool(self.gold_filled) and self.gold_right == self.gold_filled


def predictions(project: Project) -> Predictions | None:
    """None where workers start from nothing."""
    if project.config is None or not project.config.config["data"].get("prediction"):
        return None
    config, _split = shape(project)
    tasks = Task.objects.filter(project=project).order_by("pk")
    plain, gold = tasks.filter(is_gold=False)[:LOOKED_AT], tasks.filter(is_gold=True)[:LOOKED_AT]
    known = [(one, _said(config, one)) for one in gold]
    return Predictions(
        tasks=len(plain),
        filled=sum(any(_said(config, one).units) for one in plain),
        gold=len(known),
        gold_filled=sum(any(said.units) for _task, said in known),
        gold_right=sum(_is_right(config, one, said) for one, said in known if any(said.units)),
    )


def _said(config: LabelConfig, task: Task) -> AnswerValue:
    return AnswerValue(units=tuple(predicted(config, unit) for unit in task.shown_units))


def _is_right(config: LabelConfig, task: Task, said: AnswerValue) -> bool:
    return is_right(score(config, key=parse_gold(config, task.gold, units=task.units), given=said), config.pass_mark)
