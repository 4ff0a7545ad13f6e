"""Label configs for the tests: small ones by name, and hypothesis strategies for any."""

from typing import Any

from hypothesis import strategies as st

from crowd.labeling.config import LabelConfig, parse

FIELDS: dict[str, dict[str, Any]] = {
    "choice": {"labels": ["cat", "dog", "none of these"]},
    "multi-choice": {"labels": ["red", "green", "blue"]},
    "number": {"minimum": 0, "maximum": 100},
    "text": {"max_length": 40},
    "boxes": {"labels": ["car", "bus"]},
    "spans": {"labels": ["person", "place"]},
}


def question(kind: str = "choice", id: str = "animal", **fields: Any) -> dict[str, Any]:
    """The config object of a question, right in every way unless the fields say otherwise."""
    return {"id": id, "kind": kind, "text": "What do you see?"} | FIELDS.get(kind, {}) | fields


def config_json(*questions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The JSON of a label config with these questions, or one choice."""
    return {"data": {"kind": "image", "field": "url"}, "questions": list(questions) or [question()]} | fields


def make_config(*questions: dict[str, Any], **fields: Any) -> LabelConfig:
    return parse(config_json(*questions, **fields))


def one_of_each() -> LabelConfig:
    """A config with a question of every kind, of which only the choice must be answered."""
    kinds = ("choice", "multi-choice", "number", "text")
    return make_config(*(question(kind, id=kind, required=kind == "choice") for kind in kinds))


# Texts that parsing leaves as they are, so that a config made of them can be compared with what comes back.
ascii_names = st.text("abcdefghijklmnopqrstuvwxyz0123456789?!.|", min_size=1, max_size=12)
labels = st.lists(ascii_names, min_size=2, max_size=6, unique=True)
numbers = st.floats(-1e6, 1e6) | st.integers(-(10**6), 10**6)


@st.composite
def questions(draw: st.DrawFn, id: str) -> dict[str, Any]:
    kind = draw(st.sampled_from(["choice", "multi-choice", "number", "text", "boxes"]))
    common = {"required": draw(st.booleans()), "scored": draw(st.booleans()), "help": draw(ascii_names)}
    common["weight"] = draw(st.floats(0.01, 100))
    own: dict[str, Any] = {}
    if kind in ("choice", "multi-choice", "boxes"):
        own = {"labels": draw(labels)}
    if kind in ("multi-choice", "boxes"):
        own |= {"at_least": draw(st.integers(0, 2))}
    if kind == "number":
        low, high = sorted([draw(numbers), draw(numbers)])
        own = {"minimum": low, "maximum": high, "tolerance": abs(draw(numbers))}
    if kind == "text":
        own = {"min_length": draw(st.integers(0, 3)), "multiline": draw(st.booleans())}
    return question(kind, id=id) | common | own


@st.composite
def configs(draw: st.DrawFn) -> dict[str, Any]:
    ids = draw(st.lists(st.from_regex("q[a-z0-9_-]{0,8}", fullmatch=True), min_size=1, max_size=4, unique=True))
    return config_json(*(draw(questions(id)) for id in ids), pass_mark=draw(st.floats(0.01, 1)))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
