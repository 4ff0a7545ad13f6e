"""Statements that the server has planned already, past psycopg's cursor, whose Python costs more than they do.

A cursor prepares a statement, and psycopg keeps which ones are prepared. After that the same calls of psycopg are made
here (its pq, generators and Transformer), without what only a cursor needs. What is asked together goes out in one
round trip (libpq's pipeline mode), with the BEGIN of a transaction that has not begun yet.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from psycopg import Connection, Cursor, _queries, adapters, errors, generators
from psycopg._preparing import Prepare
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult

# psycopg forgets how it reads the parameters of longer texts: they might be made by programs. Ours are few.
_queries.MAX_CACHED_STATEMENT_LENGTH = 16_384

Row = tuple[Any, ...]
Asked = tuple[str, Mapping[str, Any]]  # a statement, and its parameters by name
TIMESTAMPTZ = adapters.types["timestamptz"].oid
OWN_TIMES: Any = adapters.get_loader(TIMESTAMPTZ, Format.TEXT)


def rows(connection: Connection[Any], asked: Sequence[Asked]) -> list[list[Row]]:
    """What each of them finds, run in their order. Raises psycopg's errors; none is run after one that fails."""
    statements = [_planned(connection, text) for text, _parameters in asked]
    commands = [one.command(parameters) for one, (_text, parameters) in zip(statements, asked, strict=True)]
    known = [one for one in commands if one is not None]
    if len(known) < len(commands):
        return [one.first(parameters) for one, (_text, parameters) in zip(statements, asked, strict=True)]
    with connection.lock:
        results = _results(connection, known)
    return [one.read(result) for one, result in zip(statements, results, strict=True)]


class _Planned:
    """A statement on its connection. Times are read by psycopg's own code: Django's is Python."""

    def __init__(self, connection: Connection[Any], text: str) -> None:
        self.connection, self.text = connection, text
        self.cursor = Cursor(connection)
        self.cursor.adapters.register_loader(TIMESTAMPTZ, OWN_TIMES)
        self.transformer: Any = Transformer(self.cursor)
        self.query = _queries.PostgresQuery(self.transformer)

    def command(self, parameters: Mapping[str, Any]) -> Callable[[], None] | None:
        """What sends it; None where it is not prepared for parameters of these types."""
        query = self.query
        query.convert(self.text, parameters)
        prepared = self.connection._prepared
        state, name = prepared.get(query, True)
        if state is not Prepare.YES:
            return None
        prepared._names.move_to_end(prepared.key(query))  # as a cursor does: what is longest unused is forgotten first
        return partial(self.connection.pgconn.send_query_prepared, name, query.params, param_formats=query.formats)

    def first(self, parameters: Mapping[str, Any]) -> list[Row]:
        """By the cursor, which prepares it where that is allowed."""
        return self.cursor.execute(self.text, parameters, prepare=True).fetchall()

    def read(self, result: PGresult) -> list[Row]:
        if result.status != ExecStatus.TUPLES_OK:
            raise errors.error_from_result(result)
        self.transformer.set_pgresult(result)
        found: list[Row] = self.transformer.load_rows(0, result.ntuples, tuple)
        return found


def _planned(connection: Connection[Any], text: str) -> _Planned:
    kept: dict[str, _Planned] = connection.__dict__.setdefault("_planned_statements", {})
    if text not in kept:
        kept[text] = _Planned(connection, text)
    return kept[text]


def _results(connection: Connection[Any], commands: Sequence[Callable[[], None]]) -> Sequence[PGresult]:
    pgconn = connection.pgconn
    if connection.autocommit or pgconn.transaction_status != TransactionStatus.IDLE:
        if len(commands) == 1:
            commands[0]()
            return connection.wait(generators.execute(pgconn))
        return _at_once(connection, commands)
    begin = partial(pgconn.send_query_params, connection._get_tx_start_command(), None)
    begun, *results = _at_once(connection, [begin, *commands])
    if begun.status != ExecStatus.COMMAND_OK:
        raise errors.error_from_result(begun)
    return results


def _at_once(connection: Connection[Any], commands: Sequence[Callable[[], None]]) -> list[PGresult]:
    """What comes of each, sent in one go. A connection on which that breaks off is of no use to anybody."""
    pgconn = connection.pgconn
    waiting = deque([*commands, pgconn.pipeline_sync])
    wanted = len(waiting)
    try:
        pgconn.enter_pipeline_mode()
        found = connection.wait(generators.pipeline_communicate(pgconn, waiting))
        while len(found) < wanted:
            found.append(connection.wait(generators.fetch_many(pgconn)))
        pgconn.exit_pipeline_mode()
    except BaseException:
        pgconn.finish()
        raise
    return [results[0] for results in found[:-1]]
