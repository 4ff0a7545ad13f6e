"""What simulated people say to questions of every kind (crowd.operations.simulate.kinds)."""

from random import Random

import pytest

from crowd.labeling.config import parse
from crowd.labeling.kinds import KINDS
from crowd.labeling.scene import Scene, scene_of
from crowd.operations.simulate.kinds import SAYS, answer
from qualifications.scoring import likeness
from tests.labeling import examples
from tests.labeling.examples import EXAMPLES, Example

MORE = (
    Example("choice", "text", {"labels": ["a", "b", "c"]}, "b", [], "a", []),
    Example("multi-choice", "text", {"labels": ["a", "b", "c", "d"]}, ["a", "c"], [], [], []),
    Example("number", "text", {"minimum": 0, "maximum": 50, "integer": True, "tolerance": 10}, 40, [], 0, []),
    Example("text", "text", {"tolerance": 0.05}, "what somebody would write here", [], "x", []),
)
ROUNDS = 30


def test_every_kind_of_question_can_be_answered() -> None:
    assert SAYS.keys() == KINDS.keys()


@pytest.mark.parametrize("example", [*EXAMPLES, *MORE], ids=examples.ids)
def test_answers_are_allowed_and_the_better_the_more_skilled_somebody_is(example: Example) -> None:
    config = parse(example.config)
    scene: Scene = scene_of(config.data.kind, config.data.field, example.unit)
    question = config.question("q")
    before = {"names": [{"label": "person", "start": 0, "end": 12}, {"label": "person", "start": 22, "end": 37}]}
    truth = (before if example.before else {}) | {"q": question.accept(example.key, "q", scene)}

    def said(skill: float, dice: Random) -> float:
        given = answer(config, truth, skill=skill, scene=scene, dice=dice)
        accepted = question.accept(given["q"], "q", scene)
        assert accepted == given["q"]
        return likeness(question, accepted, truth["q"])

    good, poor = (
        sum(said(skill, Random(f"{skill} {seed}")) for seed in range(ROUNDS)) / ROUNDS for skill in (0.9, 0.3)
    )
    assert said(1.0, Random(0)) == pytest.approx(1.0)
    assert good > poor + 0.1
    assert good > 0.5
