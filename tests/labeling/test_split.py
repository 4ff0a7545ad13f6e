"""Items are cut without losing a character or a second, and every piece knows where it was."""

from itertools import islice, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowd.labeling.errors import ConfigError, SplitError
from crowd.labeling.split import MAX_PIECES, Piece, cut, pages, parse_split


def pieces(text: str, **split: Any) -> list[str]:
    found = list(cut(parse_split(split), {"text": text}, "text"))
    for piece in found:
        assert piece.payload["units"][0]["text"] == text[piece.source["start"] : piece.source["end"]]
    return [piece.payload["units"][0]["text"] for piece in found]


def clips(seconds: float, **split: Any) -> list[tuple[float, float]]:
    item = {"audio": "talk.ogg", "speaker": "A"}
    found = list(cut(parse_split({"by": "seconds", **split}), item, "audio", duration=seconds))
    for piece in found:
        assert piece.payload == {"units": [{**item, **piece.source}]}
    return [(piece.source["start"], piece.source["end"]) for piece in found]


@pytest.mark.parametrize("nothing", [None, {}, {"by": "none"}])
def test_an_item_is_one_task_unless_asked_otherwise(nothing: Any) -> None:
    item = {"url": "a.png", "shop": "x"}
    assert list(cut(parse_split(nothing), item, "url")) == [Piece(payload={"units": [item]}, source={})]


def test_the_other_columns_stay_with_every_piece() -> None:
    found = list(cut(parse_split({"by": "sentence"}), {"text": "One. Two.", "id": 7}, "text"))
    assert [piece.payload for piece in found] == [
        {"units": [{"text": "One.", "id": 7}]},
        {"units": [{"text": "Two.", "id": 7}]},
    ]
    assert [piece.source for piece in found] == [{"start": 0, "end": 4}, {"start": 5, "end": 9}]


def test_paragraphs_and_sentences_may_go_together_and_overlap() -> None:
    assert pieces("a\n\nb\n\nc", by="paragraph") == ["a", "b", "c"]
    assert pieces("a\n\nb\n\nc", by="paragraph", size=2) == ["a\n\nb", "c"]
    assert pieces("Ah. 一。 C? D!", by="sentence", size=2, overlap=1) == ["Ah. 一。", "一。 C?", "C? D!"]
    assert pieces("Only one.", by="sentence", size=3, overlap=2) == ["Only one."]


def test_by_length_the_cut_is_between_words_where_there_are_any() -> None:
    assert pieces("the quick brown fox jumps", by="length", size=10) == ["the quick", "brown fox", "jumps"]
    assert pieces("the quick brown fox jumps", by="length", size=16, overlap=6) == [
        "the quick brown",
        "brown fox jumps",
    ]
    assert pieces("x" * 25, by="length", size=10) == ["x" * 10, "x" * 10, "x" * 5]


def test_by_length_long_words_and_long_gaps_bring_no_piece_twice() -> None:
    assert pieces("ab cdef" + " " * 30 + "z", by="length", size=10, overlap=9) == ["ab cdef", "z"]
    long = pieces("ab " + "c" * 14, by="length", size=10, overlap=8)
    assert long == ["ab ccccccc", "c" * 10, "c" * 10, "c" * 10]


def test_by_length_no_accent_and_no_emoji_is_torn() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert pieces("123456789e\u0301x", by="length", size=10) == ["123456789", "e\u0301x"]
    assert pieces("1234567" + family, by="length", size=10) == ["1234567", family]
    assert pieces("123456789\U0001f1e9\U0001f1ea", by="length", size=10) == ["123456789", "\U0001f1e9\U0001f1ea"]


def test_offsets_are_code_points() -> None:
    found = list(cut(parse_split({"by": "sentence"}), {"text": "\U0001f600! Yes."}, "text"))
    assert [piece.source for piece in found] == [{"start": 0, "end": 2}, {"start": 3, "end": 7}]


def test_clips_cover_the_whole_with_the_overlap_asked_for() -> None:
    assert clips(60, size=30) == [(0, 30), (30, 60)]
    assert clips(61.5, size=30) == [(0, 30), (30, 60), (60, 61.5)]
    assert clips(60, size=30, overlap=5) == [(0, 30), (25, 55), (50, 60)]
    assert clips(55, size=30, overlap=5) == [(0, 30), (25, 55)]  # no clip of nothing but overlap
    assert clips(3, size=30, overlap=5) == [(0, 3)]
    assert clips(0.3, size=0.1)[-1] == (0.2, 0.3)
    assert clips(30.004, size=10)[-1] == (20, 30.004)  # no clip of a few milliseconds


def test_the_duration_may_stand_in_a_column() -> None:
    split = parse_split({"by": "seconds", "size": 10, "duration_column": "length"})
    found = cut(split, {"url": "a.mp4", "length": "20"}, "url")
    assert [piece.source for piece in found] == [{"start": 0, "end": 10}, {"start": 10, "end": 20.0}]


def test_rows_go_to_pages_as_units() -> None:
    rows = [{"name": str(number)} for number in range(5)]
    found = list(pages(parse_split({"by": "rows", "size": 2}), iter(rows)))
    assert [piece.payload["units"] for piece in found] == [rows[0:2], rows[2:4], rows[4:5]]
    assert [piece.source for piece in found] == [{"start": 0, "end": 2}, {"start": 2, "end": 4}, {"start": 4, "end": 5}]
    assert [piece.units for piece in found] == [2, 2, 1]
    assert [piece.units for piece in pages(parse_split(None), rows)] == [1] * 5


def test_an_item_that_is_a_table_is_paged_and_one_that_is_a_row_is_not() -> None:
    split = parse_split({"by": "rows", "size": 2})
    table = {"shop": "x", "rows": [{"a": 1}, {"a": 2}, {"a": 3}]}
    found = list(cut(split, table, "rows"))
    assert [piece.payload["units"] for piece in found] == [
        [{"shop": "x", "a": 1}, {"shop": "x", "a": 2}],
        [{"shop": "x", "a": 3}],
    ]
    assert list(cut(split, {"a": 1}, "")) == [Piece(payload={"units": [{"a": 1}]}, source={})]


@pytest.mark.parametrize(
    ("split", "path", "words"),
    [
        ({"by": "sentences"}, "by", "Did you mean 'sentence'"),
        ({"by": "length"}, "size", "missing"),
        ({"by": "length", "size": 5}, "size", "not between 10"),
        ({"by": "length", "size": 10.5}, "size", "whole numbers"),
        ({"by": "length", "size": 10, "overlap": 10}, "overlap", "at most 90%"),
        ({"by": "length", "size": 10, "overlap": -1}, "overlap", "not between"),
        ({"by": "sentence", "overlap": 1}, "overlap", "at most 90%"),
        ({"by": "rows", "size": 4, "overlap": 1}, "overlap", "has no overlap"),
        ({"by": "rows", "size": 101}, "size", "not between"),
        ({"by": "seconds"}, "size", "missing"),
        ({"by": "seconds", "size": float("nan")}, "size", "not between"),
        ({"by": "paragraph", "duration_column": "x"}, "duration_column", "Only cutting by seconds"),
        ({"by": "paragraph", "ovrlap": 1}, "ovrlap", "Did you mean 'overlap'"),
        ([1], "", "an object"),
    ],
)
def test_a_split_that_makes_no_sense_is_refused_with_its_place(split: Any, path: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        parse_split(split)
    assert caught.value.path == path


def test_a_way_of_cutting_must_fit_what_is_cut() -> None:
    assert parse_split({"by": "sentence"}, data_kind="text").by == "sentence"
    with pytest.raises(ConfigError, match="Items of kind image cannot be cut by sentence"):
        parse_split({"by": "sentence"}, data_kind="image")


def test_a_split_survives_being_written_and_read() -> None:
    split = parse_split({"by": "seconds", "size": 2.5, "overlap": 0.5, "duration_column": "n"})
    assert parse_split(split.to_json()) == split


@pytest.mark.parametrize(
    ("item", "path", "words"),
    [
        ({}, "text", "no column"),
        ({"txt": "a"}, "text", "Did you mean 'txt'"),
        ({"text": 3}, "text", "this is a number"),
        ({"text": " \n "}, "text", "no text"),
    ],
)
def test_an_item_that_cannot_be_cut_says_why(item: dict[str, Any], path: str, words: str) -> None:
    with pytest.raises(SplitError, match=words) as caught:
        list(cut(parse_split({"by": "paragraph"}), item, "text"))
    assert caught.value.path == path


@pytest.mark.parametrize("duration", ["", "1:30", "nan", "-1", "0", None, True, [], 10**400])
def test_a_duration_is_a_number_of_seconds(duration: Any) -> None:
    split = parse_split({"by": "seconds", "size": 10, "duration_column": "n"})
    with pytest.raises(SplitError, match="not a duration"):
        list(cut(split, {"url": "a", "n": duration}, "url"))


def test_a_clip_never_overwrites_a_column() -> None:
    split = parse_split({"by": "seconds", "size": 10})
    with pytest.raises(SplitError, match="must not have it already"):
        list(cut(split, {"url": "a", "start": 3}, "url", duration=20))
    with pytest.raises(SplitError, match="not known"):
        list(cut(split, {"url": "a"}, "url"))


def test_a_row_in_a_table_is_an_object() -> None:
    with pytest.raises(SplitError) as caught:
        list(cut(parse_split({"by": "rows", "size": 2}), {"rows": [{}, 3]}, "rows"))
    assert caught.value.path == "rows[1]"


def test_one_item_never_becomes_millions_of_tasks() -> None:
    found = cut(parse_split({"by": "seconds", "size": 0.1}), {"url": "a"}, "url", duration=1e12)
    assert sum(1 for _ in islice(found, MAX_PIECES)) == MAX_PIECES
    with pytest.raises(SplitError, match="more than 100,000 tasks"):
        next(found)


def test_other_columns_do_not_become_many_times_what_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """They stand beside each piece, and on a page of rows beside each row; whole, an item may be as large as it is."""
    monkeypatch.setattr("crowd.labeling.split.MAX_REPEATED", 1_000)
    for by, value in (("sentence", "One. Two. Three."), ("rows", [{}, {}, {}])):
        split = parse_split({"by": by, "size": 3 if by == "rows" else 1})
        assert list(cut(split, {"text": value, "more": "x" * 300}, "text"))
        with pytest.raises(SplitError, match="more than 1,000 characters"):
            list(cut(split, {"text": value, "more": "x" * 400}, "text"))
    assert list(cut(parse_split({"by": "sentence"}), {"text": "One.", "more": "x" * 4_000}, "text"))


characters = st.text(st.sampled_from("ab.。\u0301\u200d\U0001f468\U0001f1e9 \n"), max_size=300)
words = st.lists(st.sampled_from(["a", "be. ", " ", " " * 12, "\n\n", "c" * 11, "d" * 40])).map("".join)


@settings(deadline=None)
@given(
    characters | words, st.sampled_from(["paragraph", "sentence", "length"]), st.integers(10, 30), st.integers(0, 27)
)
def test_text_is_covered_in_order_with_at_most_the_overlap(text: str, by: str, size: int, overlap: int) -> None:
    overlap = min(overlap, int(size * 0.9))
    split = parse_split({"by": by, "size": size, "overlap": overlap})
    item = {"text": text}
    if not text.strip():
        with pytest.raises(SplitError):
            list(cut(split, item, "text"))
        return
    found = list(cut(split, item, "text"))
    spans = [(piece.source["start"], piece.source["end"]) for piece in found]
    covered = {position for start, end in spans for position in range(start, end)}
    assert all(position in covered or character.isspace() for position, character in enumerate(text))
    for (start, end), (next_start, next_end) in pairwise(spans):
        assert start < next_start
        assert end < next_end
        if by == "length":
            assert end - next_start <= overlap
    for piece, (start, end) in zip(found, spans, strict=True):
        said = piece.payload["units"][0]["text"]
        assert said == text[start:end] == said.strip() != ""
        if by == "length":
            assert len(said) <= size


@settings(deadline=None)
@given(st.floats(0.01, 500), st.floats(1, 100), st.floats(0, 0.9))
def test_time_is_covered_in_order_with_the_overlap(duration: float, size: float, share: float) -> None:
    overlap = size * share
    found = clips(duration, size=size, overlap=overlap)
    assert found[0][0] == 0
    assert found[-1][1] == duration
    for start, end in found:
        assert 0 <= start < end <= duration
        assert end - start <= size + 0.006
    for (_, end), (next_start, next_end) in pairwise(found):
        assert end - next_start == pytest.approx(overlap, abs=0.002)
        assert next_end > end
