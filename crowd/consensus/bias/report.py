"""Whether labels depend on what an item is about, on who answered, or on when: sums of a project's answers to one
question, and what follows from them.

Two measures of an answer. *Accuracy*: right or wrong on a known answer (gold). *Agreement*: equal to the merged answer
of its task; *disagreement*: the chance that another answer to the same task differs. Of a question with several labels
one report looks at one of them: whether it is chosen. Ratings within the question's tolerance are alike, and how far
they are off is told as a mean *difference*, from gold and from the merged rating. The merged answer is made of these
very answers: a group that is always outvoted looks wrong by it, right or not. So gold comes first.

Groups of workers are made of what workers told about themselves, by those who agreed to it (`Worker.in_reports`), are
shown from ten workers on, and so that nothing about fewer can be found by subtraction (`crowd.quality.disclosure`);
their sums are rounded. The statements are the same few, however large the project is. Labels that were renamed since
are read as they are called now, and what was answered before a ruling or a decision is left out.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from crowd.assignments.configs import parsed
from crowd.consensus.bias import sums
from crowd.consensus.bias.subject import Subject, subjects_of
from crowd.consensus.bias.sums import Counted, Labels, Sums
from crowd.kernel.errors import BadInput
from crowd.projects.models import Project
from crowd.quality.disclosure import safe_groups
from crowd.quality.tables import chi_square

LEAST_WORKERS = 10
DAYS = timedelta(days=21)  # until then drift is shown by the day, afterwards by the week
OTHERS = None  # the key of what is put together


def subjects(project: Project) -> list[Subject]:
    """What a report can be about: questions with one label or a rating for an answer, and each label of several."""
    if project.config_id is None:
        return []
    return [one for question in parsed(project.config_id).questions for one in subjects_of(question)]


def check(project: Project, question: str, column: str, label: str = "") -> Subject:
    """What is asked. Raises BadInput with `errors` where question, label or column is none of the project's."""
    of_question = [one for one in subjects(project) if one.question.id == question]
    found = next((one for one in of_question if one.label == label), None)
    errors = {}
    if not of_question:
        errors["question"] = _("This is no question of the project with labels or a rating for an answer.")
    elif found is None:
        errors["label"] = _("Name one of the question's labels; a question with one label for an answer takes none.")
    if column and column not in sums.columns(project):
        errors["column"] = _("The items have no such column.")
    if errors or found is None:
        raise BadInput(errors=errors)
    return found


def figures(project: Project, subject: Subject, column: str, *, now: datetime) -> dict[str, Any]:
    """The whole report as plain JSON. Seconds of work on a large project: the caller keeps it."""
    each = "day" if now - (project.published_at or now) <= DAYS else "week"
    found = sums.of_answers(project, subject=subject, column=column, each=each)
    merged = sums.of_merged(project, subject=subject, column=column)
    keys = sums.of_keys(project, subject=subject)
    return {
        "opinion": subject.question.is_opinion,
        "whole": found.whole.line(""),
        "items": _items(found, merged, subject.names) if column else None,
        "workers": _workers(found),
        "labels": _labels(found, merged, keys, subject.names),
        "drift": _drift(found, subject.names, each),
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
    told = {id: (country, ", ".join(sorted(spoken))) for id, country, spoken in sums.people(found.workers)}
    ways = [{id: said[place] for id, said in told.items() if said[place]} for place in (0, 1)]
    compared = {id: one for id, one in sorted(found.workers.items()) if one.compared}
    on_gold = {id: one for id, one in sorted(found.workers.items()) if one.gold}
    agreement = [_lines(compared, way, Sums.of_agreement) for way in safe_groups(compared, ways, LEAST_WORKERS)]
    accuracy = [_lines(on_gold, way, Sums.of_accuracy) for way in safe_groups(on_gold, ways, LEAST_WORKERS)]
    parts = [
        {
            "agreement": [line for line, _sums in agree],
            "agreement_test": _agreement_test(of for _line, of in agree),
            "accuracy": [line for line, _sums in right],
            "accuracy_test": _accuracy_test(of for _line, of in right),
        }
        for agree, right in zip(agreement, accuracy, strict=True)
    ]
    return {
        "agreed": len(told) // 5 * 5,
        "least": LEAST_WORKERS,
        "countries": parts[0],
        "languages": parts[1],
    }


def _lines(
    workers: Mapping[int, Sums], of: Mapping[int, Any], measure: Callable[[Sums], Sums]
) -> list[tuple[dict[str, Any], Sums]]:
    """A line and the rounded sums it shows for each group, the largest first and the rest last; [] where no group may
    be shown. Rounded, because a requester knows the sums of each pseudonym, and should not find out which add up."""
    people: dict[Any, list[int]] = defaultdict(list)
    for id in workers:
        people[of[id]].append(id)
    groups = sorted((key for key in people if key is not OTHERS), key=lambda key: -len(people[key]))
    found = []
    for key in [*groups, OTHERS] if groups else []:
        if ids := people.get(key):
            rough = measure(sum((workers[id] for id in ids), Sums()))
            found.append((rough.line(key) | {"workers": len(ids) // 5 * 5}, rough))
    return found


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
