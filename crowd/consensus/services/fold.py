"""A project's answers, read from parts that are kept instead of from its assignments.

The database itself notes what happens to an answer (a trigger on assignments, in the transaction that does it): that it
was given, rejected, restored, taken out of the count or back into it, corrected, sent back. Each note holds the
assignment as it then was. A run takes the notes that it sees out of the log and folds them into the parts:

1. Notes are taken by one statement (DELETE ... RETURNING), so that what commits later stays for the next run, whatever
   number it has. The notes about one assignment are numbered in the order in which they happened, for each writer held
   its row; the last one is how it stands.
2. Only what was answered since is read, from the index of answers, in stretches of assignments next to each other.
3. Parts that changed are written anew, each with its number of rows and its hash; new rows fill the last one. The last
   one is never full: behind a full one stands another, empty if need be, so that it is seen when the last is missing.

Without parts, or where one is missing, or any is not what its hash says, all is read from the assignments.
`crowd.consensus.invariants` holds the parts, with what is noted and not yet folded, against the assignments themselves.
"""

import hashlib
import logging
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction

from crowd.assignments.states import AssignmentState
from crowd.consensus import parts
from crowd.consensus.models import VotePart
from crowd.consensus.parts import SEEN, SIZE, Rows
from crowd.kernel import replica
from crowd.kernel.paging import pages

log = logging.getLogger(__name__)
GAP = 64  # assignments next to each other, of which some were not answered, are read in one stretch
# What is submitted, counting or not, is evidence about its worker. A rejected answer is not paid for, so it does not
# vote on its task, nor does one that a reviewer corrected; its worker's confusion still learns from it. What a worker
# says when he is asked again what he answered before is no second vote: it is not here at all, nor noted.
SEEN_STATES = (AssignmentState.SUBMITTED, AssignmentState.ACCEPTED, AssignmentState.REJECTED)
STANDING = """
    s.id, s.attempt, s.task_id, s.worker_id, (extract(epoch FROM s.taken_at) * 1000000)::bigint,
    CASE WHEN s.state = ANY (%(seen)s) THEN 1 ELSE 0 END
        + CASE WHEN s.state <> 'rejected' AND NOT s.corrected THEN 2 ELSE 0 END + CASE WHEN s.counts THEN 4 ELSE 0 END
"""
SAID = "a.config_id, CASE WHEN a.cannot_answer = '' THEN (a.value -> 'units')::text ELSE '[]' END"
EVERY = f"""
SELECT {STANDING}, {SAID}
FROM assignments_assignment s
JOIN assignments_answer a ON a.project_id = s.project_id AND a.assignment_id = s.id AND a.attempt = s.attempt
WHERE s.project_id = %(project)s AND s.state = ANY (%(seen)s) AND NOT s.is_repeat
"""  # noqa: S608
NOTES = f"""
WITH s AS ({{notes}})
SELECT DISTINCT ON (s.id) {STANDING} FROM s ORDER BY s.id, s.note DESC
"""  # noqa: S608
COLUMNS = "assignment_id AS id, attempt, task_id, worker_id, taken_at, state, corrected, counts, id AS note"
TAKE = NOTES.format(notes=f"DELETE FROM consensus_votechange WHERE project_id = %(project)s RETURNING {COLUMNS}")  # noqa: S608
LOOK = NOTES.format(notes=f"SELECT {COLUMNS} FROM consensus_votechange WHERE project_id = %(project)s")  # noqa: S608
ANSWERS = f"""
SELECT a.assignment_id, a.attempt, {SAID} FROM assignments_answer a
WHERE a.project_id = %(project)s AND a.assignment_id BETWEEN %(first)s AND %(last)s
"""  # noqa: S608

Note = tuple[Any, ...]  # assignment, attempt, task, worker, taken, flags
Said = tuple[int, str]


def fold(project_id: int) -> Rows:
    """All that was answered, as it stands now. Inner: needs AGGREGATION of the project, and its own transaction."""
    notes = _rows(TAKE, project_id)
    stored = _stored(project_id)
    if stored is None:
        # From a replica that knows whatever was committed before the notes were taken: what comes later is noted anew.
        rows = replica.read_from(lambda alias: every(project_id, using=alias), replica.JOB_PATIENCE_S)
        VotePart.objects.filter(project_id=project_id).delete()
        _write(project_id, rows, np.arange(len(rows)))
        return rows
    rows, touched = _with(project_id, stored, notes)
    _write(project_id, rows, touched)
    return rows


def every(project_id: int, *, using: str = DEFAULT_DB_ALIAS) -> Rows:
    """The same, from the assignments and answers themselves."""
    found = []
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("SELECT set_config('cursor_tuple_fraction', '1', true)")
        cursor.execute(f"DECLARE every_vote NO SCROLL CURSOR FOR {EVERY}", _wanted(project_id))
        while True:
            cursor.execute(f"FETCH {SIZE} FROM every_vote")
            some = cursor.fetchall()
            if not some:
                break
            found.append(parts.from_records(some))
        cursor.execute("CLOSE every_vote")
    return parts.joined(found)


def kept(project_id: int) -> Rows | None:
    """As the parts and the notes say, which stay as they are; None where there are no parts, or one is broken."""
    stored = _stored(project_id)
    return None if stored is None else _with(project_id, stored, _rows(LOOK, project_id))[0]


def _stored(project_id: int) -> Rows | None:
    some: list[Rows] = []
    for part in chain.from_iterable(pages(VotePart.objects.filter(project_id=project_id), size=4, by="number")):
        follows = part.number == len(some) and _is_full(some)  # none between is missing
        whole = follows and hashlib.sha256(part.data).hexdigest() == part.sha256
        if not whole or len(rows := parts.decode(bytes(part.data))) != part.rows:
            log.error("part %s of the votes of project %s is broken: all is read anew", part.number, project_id)
            return None
        some.append(rows)
    if some and _is_full(some):
        log.error("the last part of the votes of project %s is missing: all is read anew", project_id)
        return None
    return parts.joined(some) if some else None


def _is_full(some: Sequence[Rows]) -> bool:
    """Whether another part must come behind these."""
    return all(len(one) == SIZE for one in some[-1:])


def _with(project_id: int, stored: Rows, notes: Sequence[Note]) -> tuple[Rows, Any]:
    """The rows as the notes say, and the places of those that changed."""
    said = _known(stored, notes)
    said |= _said(project_id, [note[:2] for note in notes if note[-1] & SEEN and note[:2] not in said])
    unsaid = (0, "[]")  # sent back: nothing stands until it is submitted again
    records = [(*note, *said[note[:2]]) if note[:2] in said else (*note[:-1], 0, *unsaid) for note in notes]
    return parts.changed(stored, parts.from_records(records))


def _known(stored: Rows, notes: Sequence[Note]) -> dict[tuple[int, int], Said]:
    """(assignment, attempt) -> version of the config, and text: of those that were folded before."""
    wanted = np.array([note[0] for note in notes], np.int64)
    rows = stored.taken_from(np.isin(stored["assignment"], wanted))
    names = ("assignment", "attempt", "config", "text")
    return {
        (assignment, attempt): (config, stored.texts[text])
        for assignment, attempt, config, text in zip(*(rows[name].tolist() for name in names), strict=True)
        if config
    }


def _said(project_id: int, wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Said]:
    """The same, from the answers."""
    keys, found = set(wanted), {}
    for first, last in _stretches(sorted({assignment for assignment, _attempt in keys})):
        for assignment, attempt, *said in _rows(ANSWERS, project_id, first=first, last=last):
            if (assignment, attempt) in keys:
                found[assignment, attempt] = (said[0], said[1])
    return found


def _stretches(ids: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(first, last) of stretches of ids without a gap of more than GAP."""
    if not ids:
        return
    values = np.array(ids)
    cuts = np.flatnonzero(np.diff(values) > GAP)
    yield from zip(values[[0, *(cuts + 1)]].tolist(), values[[*cuts, -1]].tolist(), strict=True)


def _write(project_id: int, rows: Rows, touched: Any) -> None:
    """The parts in which something changed, and one behind a last one that is full."""
    numbers = np.unique(touched // SIZE).tolist()
    if numbers and len(rows) == (numbers[-1] + 1) * SIZE:
        numbers.append(numbers[-1] + 1)
    for number in numbers:
        part = rows.taken_from(np.arange(number * SIZE, min((number + 1) * SIZE, len(rows))))
        data = parts.encode(part)
        stored = {"rows": len(part), "sha256": hashlib.sha256(data).hexdigest(), "data": data}
        VotePart.objects.bulk_create(
            [VotePart(project_id=project_id, number=number, **stored)],
            update_conflicts=True,
            unique_fields=["project", "number"],
            update_fields=list(stored),
        )


def _rows(statement: str, project_id: int, **more: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, _wanted(project_id) | more)
        return list(cursor.fetchall())


def _wanted(project_id: int) -> dict[str, Any]:
    return {"project": project_id, "seen": [str(state) for state in SEEN_STATES]}
