"""Texts, chats and rows of a table, each with what is right about it."""

import re
from random import Random
from typing import Any

from crowd.operations.demo.showcase.thing import COUNT, Thing, rows

PEOPLE = ("Ada Brown", "Béla Kiss", "Chen Wei", "Dora Klein", "Emeka Obi", "Fatima Noor", "Greta Lund", "Hugo Silva")
TOWNS = ("Porto", "Nairobi", "Göttingen", "Manila", "Lublin", "Recife")
FIRMS = ("Northern Rail", "Blue Kettle Ltd", "the City Library", "Radio Harbour")
WISHES = {
    "return": "I want to give the {product} back.",
    "exchange": "Could I have another {product} instead?",
    "delivery": "When does the {product} arrive?",
    "invoice": "Please send me an invoice for the {product}.",
}
PRODUCTS = ("chair", "table", "lamp", "coat", "shoes", "hat")
# Kilograms, and years of life: no two are close.
ANIMALS = {
    "elephant": (5_000, 65), "horse": (500, 28), "dog": (25, 12), "cat": (4, 15), "mouse": (0.02, 2),
    "tortoise": (200, 120), "cow": (700, 20), "rabbit": (2, 9), "parrot": (1, 50), "whale": (100_000, 85),
}  # fmt: skip


def texts(random: Random) -> list[Thing]:
    """Sentences in which names stand marked as ``[Ada Lovelace|person]``, and what a poor model takes them for."""
    found = (_marked(row["text"]) for row in rows("text"))
    return [
        Thing(columns={"text": text, "model": {"names": _guess(text, spans)}}, truth={"names": spans})
        for text, spans in found
    ]


def _guess(text: str, spans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Names of several words are people, others places."""
    labels = ["person" if " " in text[one["start"] : one["end"]] else "place" for one in spans]
    return [one | {"label": label} for one, label in zip(spans, labels, strict=True)]


def _marked(marked: str) -> tuple[str, list[dict[str, Any]]]:
    """The text alone, and its spans."""
    text, spans = "", []
    for plain, name, label in re.findall(r"([^\[]*)(?:\[([^|]*)\|([^\]]*)\])?", marked):
        text += plain
        if name:
            spans.append({"label": label, "start": len(text), "end": len(text) + len(name)})
            text += name
    return text, spans


def letters(random: Random) -> list[Thing]:
    return [_letter(random) for _number in range(COUNT)]


def _letter(random: Random) -> Thing:
    person, firm, town = random.choice(PEOPLE), random.choice(FIRMS), random.choice(TOWNS)
    text, spans = _marked(f"[{person}|person] works for [{firm}|organisation] and lives in [{town}|place].")
    who, where, town_at = ([one["start"], one["end"]] for one in spans)
    joined = [{"label": "works for", "from": who, "to": where}, {"label": "lives in", "from": who, "to": town_at}]
    return Thing(columns={"text": text}, truth={"names": spans, "joined": joined})


def chats(random: Random) -> list[Thing]:
    return [_chat(random) for _number in range(COUNT)]


def _chat(random: Random) -> Thing:
    """A customer wants one or two things."""
    product, wanted = random.choice(PRODUCTS), random.sample(sorted(WISHES), random.randint(1, 2))
    wishes = [one for one in WISHES if one in wanted]
    said = " ".join(WISHES[one].format(product=product) for one in wishes)
    turns = [("Customer", said), ("Shop", "Let me look at your order."), ("Customer", "Thank you!")]
    summary = f"The customer asks for {' and '.join(wishes)} of the {product}."
    chat = [{"role": role, "text": text} for role, text in turns]
    return Thing(columns={"chat": chat}, truth={"wishes": wishes, "product": product, "summary": summary})


def tables(random: Random) -> list[Thing]:
    """Rows with the sentence that they were copied from; `right` holds what was copied wrongly."""
    found = []
    for row in rows("row"):
        columns = {name: str(row[name]) for name in ("name", "born", "town", "source")}
        record = {name: row["right"].get(name, row[name]) for name in ("name", "born", "town")}
        flags = {name: ["wrong"] for name in row["right"]}
        found.append(Thing(columns=columns, truth={"odd": "yes" if flags else "no", "flags": flags, "row": record}))
    return found


def records(random: Random) -> list[Thing]:
    """Two records of one person, written differently, or of two who share a town."""
    return [_records(random, alike=number % 2 == 0) for number in range(COUNT)]


def _records(random: Random, *, alike: bool) -> Thing:
    (name, other), town = random.sample(PEOPLE, 2), random.choice(TOWNS)
    born = random.randint(1950, 2000)
    first, last = name.split(" ")
    columns = {
        "first": f"{name}, {town}, born {born}",
        "second": f"{last}, {first[0]}. ({town}, {born})" if alike else f"{other}, {town}, born {born + 3}",
    }
    return Thing(columns=columns, truth={"same": "yes" if alike else "no", "sure": 5 if alike else 4})


def answers(random: Random) -> list[Thing]:
    """Two answers to a question, the better one on either side."""
    found = []
    for row in rows("comparison"):
        sides = ["answer_a", "answer_b"]
        random.shuffle(sides)
        columns = {"prompt": row["prompt"], **dict(zip(sides, (row["better"], row["worse"]), strict=True))}
        truth = {"better": {"choice": sides[0], "reasons": row["reasons"]}, "helpful": row["helpful"]}
        found.append(Thing(columns=columns, truth=truth))
    return found


def orders(random: Random) -> list[Thing]:
    return [_order(random) for _number in range(COUNT)]


def _order(random: Random) -> Thing:
    """Four animals."""
    columns = dict(zip("abcd", random.sample(sorted(ANIMALS), 4), strict=True))
    by_weight = sorted(columns, key=lambda one: -ANIMALS[columns[one]][0])
    by_age = sorted(columns, key=lambda one: -ANIMALS[columns[one]][1])
    return Thing(columns=columns, truth={"order": by_weight, "ends": {"best": by_age[0], "worst": by_age[-1]}})


def prompts(random: Random) -> list[Thing]:
    agreed = {"consent": True}
    return [
        Thing(
            columns={"prompt": row["prompt"]},
            truth={"words": {"text": row["words"]} | agreed, "picture": agreed, "voice": agreed},
        )
        for row in rows("collection")
    ]
