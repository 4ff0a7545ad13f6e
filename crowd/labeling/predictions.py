"""What a model answered before any worker did: a column of the item, which the label config names.

Workers start from it and put it right. It is no answer: nobody is paid for it, and aggregation does not look at it.
"""

from collections.abc import Mapping
from typing import Any

from crowd.labeling.config import LabelConfig
from crowd.labeling.errors import AnswerError
from crowd.labeling.gold_keys import read_cell
from crowd.labeling.speech import say


def predicted(config: LabelConfig, unit: Mapping[str, Any]) -> Mapping[str, Any]:
    """Question id to canonical value, of one unit of a task's payload; empty where the model said nothing.

    The cell is written as a gold cell is (`gold_keys.parse_gold`), and may leave questions open. Raises AnswerError
    whose path is the column.
    """
    column = config.data.prediction
    cell = unit.get(column) if column else None
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return {}
    try:
        answer = read_cell(config, cell, shown=(unit,))
    except AnswerError as error:
        raise AnswerError(column, error.sentence) from None
    if answer.cannot_answer is not None:
        raise AnswerError(column, say("A model cannot say that the task cannot be answered: leave the cell empty."))
    return answer.units[0]
