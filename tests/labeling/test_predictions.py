"""What a model answered: a column, from which workers start."""

import json
from typing import Any

import pytest

from crowd.labeling import config
from crowd.labeling.config import LabelConfig
from crowd.labeling.errors import AnswerError, ConfigError
from crowd.labeling.predictions import predicted

MOOD: dict[str, Any] = {"id": "mood", "kind": "choice", "text": "Which mood?", "labels": ["good", "bad"]}
FACES: dict[str, Any] = {"id": "faces", "kind": "boxes", "text": "Where?", "labels": ["face"]}
BOX = {"x": 1, "y": 2, "width": 3, "height": 4, "label": "face"}


def asking(*questions: dict[str, Any], **data: str) -> LabelConfig:
    data = {"kind": "text", "field": "text", "prediction": "model"} | data
    return config.parse({"data": data, "questions": list(questions)})


@pytest.mark.parametrize("cell", [None, "", "  "])
def test_a_model_may_have_said_nothing(cell: str | None) -> None:
    assert predicted(asking(MOOD), {"text": "Hello", "model": cell}) == {}
    assert predicted(asking(MOOD), {"text": "Hello"}) == {}


def test_it_is_written_as_a_known_answer_is_and_may_leave_questions_open() -> None:
    assert predicted(asking(MOOD), {"model": "good"}) == {"mood": "good"}
    picture = asking(MOOD, FACES, kind="image", field="photo")
    shown = {"photo": {"media": 1, "width": 10, "height": 10}, "model": json.dumps({"faces": [BOX]})}
    (box,) = predicted(picture, shown)["faces"]
    assert (box["x"], box["label"]) == (1, "face")


@pytest.mark.parametrize("cell", ["angry", "{", {"cannot_answer": {"reason": "unclear"}}, {"mood": "good", "x": 1}])
def test_what_no_worker_may_answer_is_refused_at_its_column(cell: Any) -> None:
    with pytest.raises(AnswerError) as refused:
        predicted(asking(MOOD), {"model": cell})
    assert refused.value.path == "model"


def test_a_mark_lies_within_the_picture() -> None:
    outside = {"photo": {"media": 1, "width": 3, "height": 3}, "model": [BOX]}
    with pytest.raises(AnswerError, match=r"faces\[0\]"):
        predicted(asking(FACES, kind="image", field="photo"), outside)


def test_the_column_is_one_of_its_own() -> None:
    assert asking(MOOD).to_json()["data"]["prediction"] == "model"
    with pytest.raises(ConfigError) as refused:
        asking(MOOD, prediction="text")
    assert refused.value.path == "data.prediction"
