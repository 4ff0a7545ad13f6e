"""Sentences in several scripts, by rules that would rather leave two together than tear one apart."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowd.labeling.sentences import paragraphs, sentences


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "sentence_list",
    [
        ["Dr. Smith slept.", "He woke!", "“Really?” she asked.", "Yes."],
        ["The U.S. Army came.", "At 3.14 p.m. it left."],
        ["See fig. 3 for it.", "He said no.", "Then he left... maybe... or not."],
        ["J. R. Tolkien wrote it.", "So did I.", "Then?"],
        ["Das ist z. B. so.", "Hr. Maier kommt bzw. Frau Maier."],
        ["1. First do this.", "2. Then that."],
        ["Он ушёл.", "Куда?", "Домой!"],
        ["¿Qué?", "¡Nada!", "La Sra. García lo sabe."],
        ["مرحبا؟", "نعم.", "یہ ہے۔", "ہاں۔"],
        ["यह है।", "वह है।"],
        ["See example.org or a?b=c now.", "Good (really.)", "Next."],
        ["hi. how are you?", "fine"],
    ],
)
def test_sentences_end_where_a_reader_ends_them(sentence_list: list[str]) -> None:
    assert cut(" ".join(sentence_list)) == sentence_list


def test_full_width_marks_need_no_space() -> None:
    assert cut("今日は晴れ。明日は雨！本当？「そう。」") == ["今日は晴れ。", "明日は雨！", "本当？", "「そう。」"]


def test_a_blank_line_ends_a_sentence_and_a_line_break_does_not() -> None:
    assert cut("A heading\n\nand a\nline\r\n \r\nThe end") == ["A heading", "and a\nline", "The end"]


def test_paragraphs_stand_between_blank_lines() -> None:
    text = "\n one\ntwo \n\n\n three\r\n\r\nfour\r\rfive\u2029six\n"
    assert [text[start:end] for start, end in paragraphs(text)] == ["one\ntwo", "three", "four", "five", "six"]


@pytest.mark.parametrize("text", ["", " ", "\n\n \n"])
def test_nothing_has_no_sentences(text: str) -> None:
    assert cut(text) == []


@pytest.mark.parametrize("unit", ["Mr. ", "a. ", ". ", "?! ", "\n \r", "\r ", '!"', "x", "e.g."])
def test_a_hostile_text_takes_time_in_proportion_to_its_length(unit: str) -> None:
    started = time.perf_counter()
    list(sentences(unit * (200_000 // len(unit))))
    assert time.perf_counter() - started < 20  # squared, it would be hours


@settings(deadline=None)
@given(st.text(st.sampled_from('aB1.!?。」 \n\r\t"”')))
def test_every_character_but_space_is_in_exactly_one_sentence(text: str) -> None:
    position = 0
    for start, end in sentences(text):
        assert text[position:start].strip() == ""
        assert text[start:end].strip() == text[start:end] != ""
        position = end
    assert text[position:].strip() == ""
