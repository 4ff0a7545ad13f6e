"""JSON from strangers, without the traps that the standard reader leaves open."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowd.labeling import strict_json


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ('{"a": 1', "not JSON"),
        ('{"a": 1, "b": {"a": 2, "a": 3}}', "key 'a' appears twice"),
        ("[NaN]", "NaN is not"),
        ("-Infinity", "-Infinity is not"),
        ("1e999", "too large"),
        ("9" * 5_000, "5,000 digits"),
        ('"\\u0000"', "NUL"),
        ('{"\\ud800": 1}', "half of a character"),
        ("[" * 100_000, "deeper"),
        ("[" * 40 + "]" * 40, "too deep"),
    ],
)
def test_what_json_hides_is_refused(text: str, words: str) -> None:
    with pytest.raises(strict_json.JsonError, match=words):
        strict_json.loads(text)


def test_the_depth_is_what_was_asked_for() -> None:
    assert strict_json.loads('[[{"a": 1}]]', max_depth=3) == [[{"a": 1}]]
    with pytest.raises(strict_json.JsonError):
        strict_json.loads('[[{"a": 1}]]', max_depth=2)


storable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | storable,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(storable, inner, max_size=3),
    max_leaves=10,
)


@settings(deadline=None)
@given(values)
def test_ordinary_json_is_read_as_ever(value: Any) -> None:
    assert strict_json.loads(json.dumps(value)) == value
