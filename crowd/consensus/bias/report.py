"""Whether labels depend on what an item is about, on who answered, or on when: sums of a project's answers to one
question, and what follows from them.

Two measures of an answer. *Accuracy*: right or wrong on a known answer (gold). *Agreement*: equal to the merged answer
of its task; *disagreement*: the chance that another answer to the same task differs. The merged answer is made of these
very answers: a group that is always outvoted looks wrong by it, right or not. So gold comes first.

Groups of workers are made of what workers told about themselves, by those who agreed to it (`Worker.in_reports`), are
shown from ten workers on, and so that nothing about fewer can be found by subtraction (`crowd.quality.disclosure`);
their sums are rounded. The statements are the same few, however large the project is.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from crowd.assignments.configs import parsed
from crowd.consensus.bias import sums
from crowd.consensus.bias.sums import Counted, Labels, Sums
from crowd.kernel.errors import BadInput
from crowd.labeling.kinds import Choice
from crowd.projects.models import Project
from crowd.quality.disclosure import merge_small
from crowd.quality.tables import chi_square, rounded

LEAST_WORKERS = 10
DAYS = timedelta(days=21)  # until then drift is shown by the day, afterwards by the week
OTHERS = None  # the key of what is put together


def questions(project: Project) -> list[Choice]:
    """Those that this can be said of: with one label for an answer."""
    if project.config_id is None:
        return []
    return [one for one in parsed(project.config_id).questions if isinstance(one, Choice)]


def check(project: Project, question: str, column: str) -> Choice:
    """The question. Raises BadInput with `errors` where it, or the column, is none of the project's."""
    found = next((one for one in questions(project) if one.id == question), None)
    errors = {}
    if found is None:
        errors["question"] = _("This is no question of the project with one label for an answer.")
    if column and column not in sums.columns(project):
        errors["column"] = _("The items have no such column.")
    if errors or found is None:
        raise BadInput(errors=errors)
    return found


def figures(project: Project, question: Choice, column: str, *, now: datetime) -> dict[str, Any]:
    """The whole report as plain JSON. Seconds of work on a large project: the caller keeps it."""
    each = "day" if now - (project.published_at or now) <= DAYS else "week"
    found = sums.of_answers(project, question=question.id, column=column, each=each)
    merged = sums.of_merged(project, question=question.id, column=column)
    keys = sums.of_keys(project, question=question.id)
    names = [label.name for label in question.labels]
    return {
        "opinion": question.is_opinion,
        "whole": found.whole.line(""),
        "items": _items(found, merged, names) if column else None,
        "workers": _workers(found),
        "labels": _labels(found, merged, keys, names),
        "drift": _drift(found, names, each),
    }


def _items(found: Counted, merged: Labels, names: Sequence[str]) -> dict[str, Any]:
    """Every group of items with its sums, and what its merged answers are."""
    order = sorted(found.items, key=lambda key: (key is OTHERS, -found.items[key].answers, key))
    table = [[merged.get((key, name), 0) for name in names] for key in order]
    return {
        "lines": [found.items[key].line(key) for key in order],
        "agreement_test": _agreement_test(found.items[key] for key in order),
        "accuracy_test": _accuracy_test(found.items[key] for key in order),
        "labels": [
            {"group": key, "counts": dict(zip(names, row, strict=True))} for key, row in zip(order, table, strict=True)
        ],
        "labels_test": _test(table),
    }


def _workers(found: Counted) -> dict[str, Any]:
    """By country and by languages; answers that can be compared and gold apart, since each rests on other people."""
    told = {id: (country, tuple(sorted(spoken))) for id, country, spoken in sums.people(found.workers)}
    country = {id: said[0] or OTHERS for id, said in told.items()}
    languages = {id: ", ".join(said[1]) or OTHERS for id, said in told.items()}
    return {
        "agreed": len(told) // 5 * 5,
        "least": LEAST_WORKERS,
        "countries": _groups(found.workers, country),
        "languages": _groups(found.workers, languages),
    }


def _groups(workers: Mapping[int, Sums], of: Mapping[int, Any]) -> dict[str, Any]:
    """`of`: worker -> his group; whoever said nothing is with the rest."""
    agreement = _safe({id: one for id, one in workers.items() if one.compared}, of)
    accuracy = _safe({id: one for id, one in workers.items() if one.gold}, of)
    return {
        "agreement": [_worker_line(one, key, people) for key, one, people in agreement],
        "agreement_test": _agreement_test(one for _key, one, _people in agreement),
        "accuracy": [_worker_line(one, key, people) for key, one, people in accuracy],
        "accuracy_test": _accuracy_test(one for _key, one, _people in accuracy),
    }


def _safe(workers: Mapping[int, Sums], of: Mapping[int, Any]) -> list[tuple[Any, Sums, int]]:
    """Groups that may be shown, the largest first and the rest last; [] where that would be everybody as one group."""
    people: dict[Any, list[int]] = defaultdict(list)
    for id in workers:
        people[of.get(id, OTHERS)].append(id)
    unsaid = people.pop(OTHERS, [])
    shown = merge_small({key: len(ids) for key, ids in people.items()}, LEAST_WORKERS, rest=len(unsaid))
    if shown.hidden or not shown.apart:
        return []
    rest = unsaid + [id for key in shown.together for id in people[key]]
    groups = [(key, people[key]) for key in shown.apart] + ([(OTHERS, rest)] if rest else [])
    return [(key, sum((workers[id] for id in ids), Sums()), len(ids)) for key, ids in groups]


def _worker_line(of: Sums, group: Any, people: int) -> dict[str, Any]:
    """Rounded: a requester knows the sums of each pseudonym, and should not find out which add up to a group."""
    line = of.line(group)
    rough = {name: rounded(line[name]) for name in ("answers", "compared", "gold")}
    shares = {
        name: {key: round(value, 2) for key, value in line[name].items()} if line[name] else None
        for name in ("agreement", "accuracy")
    }
    differ = line["disagreement"]
    rough["workers"] = people // 5 * 5
    return line | rough | shares | {"disagreement": None if differ is None else round(differ, 2)}


def _labels(found: Counted, merged: Labels, keys: Mapping[str, int], names: Sequence[str]) -> dict[str, Any]:
    """Label by label: of merged answers, of gold keys, and of what workers said about gold."""
    total: dict[str, int] = defaultdict(int)
    for (_group, label), count in merged.items():
        total[label] += count
    lines: list[dict[str, Any]] = [
        {
            "label": name,
            "merged": total[name],
            "keys": keys.get(name, 0),
            "said_on_gold": found.labels_by_gold.get((True, name), 0),
        }
        for name in names
    ]
    test = _test([[line["merged"] for line in lines], [line["keys"] for line in lines]])
    return {"lines": lines, "test": test}


def _drift(found: Counted, names: Sequence[str], each: str) -> dict[str, Any]:
    order = sorted(found.periods)
    table = [[found.labels_by_period.get((period, name), 0) for name in names] for period in order]
    return {
        "each": each,
        "lines": [found.periods[period].line(period.date().isoformat()) for period in order],
        "labels": [
            {"group": period.date().isoformat(), "counts": dict(zip(names, row, strict=True))}
            for period, row in zip(order, table, strict=True)
        ],
        "agreement_test": _agreement_test(found.periods[period] for period in order),
        "accuracy_test": _accuracy_test(found.periods[period] for period in order),
        "labels_test": _test(table),
    }


def _agreement_test(groups: Iterable[Sums]) -> dict[str, Any] | None:
    return _test([[one.agree, one.compared - one.agree] for one in groups])


def _accuracy_test(groups: Iterable[Sums]) -> dict[str, Any] | None:
    return _test([[one.right, one.gold - one.right] for one in groups])


def _test(table: Sequence[Sequence[int]]) -> dict[str, Any] | None:
    found = chi_square(table) if table else None
    return None if found is None else {"p": found.p, "effect": found.effect, "thin": found.thin}
