"""What is no mark: a name, a step, a text, faults, a record, an order."""

from tests.labeling.examples.base import Example

NODES = [["animal"], ["cat", "Cat", "animal"], ["dog", "Dog", "animal"], ["plant"], ["rose", "Rose", "plant"]]


VALUES: tuple[Example, ...] = (
    Example(
        kind="taxonomy",
        data="text",
        fields={"nodes": NODES, "leaves": True},
        key="cat",
        answers=["cat", "cat", "dog", "cat", "rose"],
        bad="rose",
        wrong=[
            ("tulip", "q", "not one of the labels of the tree"),
            ("animal", "q", "choose one of them"),
            (["cat"], "q", "the id of a label"),
        ],
    ),
    Example(
        kind="rating",
        data="text",
        fields={"words": ["bad", "good"]},
        key=4,
        answers=[4, 4, 5, 4, 1],
        bad=1,
        wrong=[(0, "q", "not between 1 and 5"), (2.5, "q", "whole number"), (True, "q", "whole number")],
    ),
    Example(
        kind="transcript",
        data="audio",
        fields={},
        key="the quick brown fox jumps over the lazy dog",
        answers=[
            "the quick brown fox jumps over the lazy dog",
            "the quick brown fox jumped over the lazy dog",
            "the quick brow fox jumps over the lazy dog",
            "a quick brown fox jumps over the lazy dog",
            "something else",
        ],
        bad="something else entirely",
        wrong=[(3, "q", "must be text"), ("a\0b", "q", "NUL")],
    ),
    Example(
        kind="flags",
        data="row",
        shown={"name": "Ada", "born": "1815"},
        fields={"labels": ["wrong", "missing"], "columns": ["name", "born"]},
        key={"born": ["wrong"]},
        answers=[
            {"born": ["wrong"]},
            {"born": ["wrong"], "name": ["missing"]},
            {"born": ["wrong"]},
            {},
            {"name": ["wrong"]},
        ],
        bad={"name": ["wrong"]},
        wrong=[
            ({"bron": ["wrong"]}, "q.bron", "Did you mean 'born'"),
            ({"born": ["worng"]}, "q.born[0]", "Did you mean 'wrong'"),
            ({"born": ["wrong", "wrong"]}, "q.born", "given twice"),
            ([], "q", "an object of columns"),
        ],
    ),
    Example(
        kind="record",
        data="row",
        shown={"name": "Ada", "year": "1815"},
        fields={
            "fields": [
                {"name": "name", "required": True, "column": "name"},
                {"name": "born", "type": "integer", "minimum": 1000, "maximum": 2100, "column": "year"},
                {"name": "when", "type": "date"},
                {"name": "sex", "type": "choice", "labels": ["f", "m"]},
                {"name": "famous", "type": "flag"},
            ]
        },
        key={"name": "Ada Lovelace", "born": 1815, "sex": "f", "famous": True},
        answers=[
            {"name": "Ada Lovelace", "born": 1815, "sex": "f", "famous": True},
            {"name": "ada lovelace", "born": 1815, "sex": "f"},
            {"name": "Ada Lovelace", "born": 1851, "sex": "f", "famous": True},
            {"name": "Ada Lovelace", "born": 1815, "sex": "f", "famous": True},
            {"name": "Bob", "when": "2020-02-29", "sex": "m", "famous": False},
        ],
        bad={"name": "Bob", "sex": "m"},
        wrong=[
            ({"born": 1815}, "q.name", "filled in"),
            ({"name": "A", "born": 99}, "q.born", "not between 1,000 and 2,100"),
            ({"name": "A", "born": 1815.5}, "q.born", "whole number"),
            ({"name": "A", "when": "2021-02-29"}, "q.when", "not a date"),
            ({"name": "A", "sex": "x"}, "q.sex", "not one of the labels"),
            ({"name": "A", "famous": 1}, "q.famous", "true or false"),
            ({"nmae": "A"}, "q.nmae", "Did you mean 'name'"),
        ],
    ),
    Example(
        kind="pairwise",
        data="row",
        shown={"left": "4", "right": "5"},
        fields={"labels": ["left", "right"], "reasons": ["correct", "polite"], "comment": True},
        key={"choice": "left"},
        answers=[
            {"choice": "left", "reasons": ["correct"]},
            {"choice": "left", "reasons": ["correct", "polite"]},
            {"choice": "left"},
            {"choice": "left", "reasons": ["correct"], "comment": "It adds up."},
            {"choice": "tie"},
        ],
        bad={"choice": "right"},
        wrong=[
            ("middle", "q.choice", "not one of the labels"),
            ({"choice": "left", "reasons": ["polit"]}, "q.reasons[0]", "Did you mean 'polite'"),
            ({"choice": "left", "why": "x"}, "q.why", "not known"),
            ({"choice": "left", "comment": "x" * 5_001}, "q.comment", "5,001 characters"),
        ],
    ),
    Example(
        kind="ranking",
        data="row",
        shown={"a": "1", "b": "2", "c": "3"},
        fields={"labels": ["a", "b", "c"]},
        key=["a", "b", "c"],
        answers=[["a", "b", "c"], ["a", "c", "b"], ["a", "b", "c"], ["b", "a", "c"], ["c", "b", "a"]],
        bad=["c", "b", "a"],
        wrong=[
            (["a", "b"], "q", "'c' is missing"),
            (["a", "a", "b"], "q[1]", "given twice"),
            (["a", "b", "d"], "q[2]", "not one of the labels"),
        ],
    ),
    Example(
        kind="best-worst",
        data="row",
        shown={"a": "1", "b": "2", "c": "3"},
        fields={"labels": ["a", "b", "c"]},
        key={"best": "a", "worst": "c"},
        answers=[
            {"best": "a", "worst": "c"},
            {"best": "a", "worst": "b"},
            {"best": "a", "worst": "c"},
            {"best": "b", "worst": "c"},
            {"best": "c", "worst": "a"},
        ],
        bad={"best": "c", "worst": "a"},
        wrong=[
            ({"best": "a", "worst": "a"}, "q.worst", "cannot be the worst"),
            ({"best": "a"}, "q.worst", "name of a label"),
        ],
    ),
)
