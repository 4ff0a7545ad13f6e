"""What must hold of workers."""

from crowd.kernel.invariants import Invariant, query
from workers.states import WorkerState

BLOCKED = """
SELECT w.id AS worker, w.state, b.id AS block FROM workers_worker w
LEFT JOIN workers_block b ON b.worker_id = w.id AND b.organisation_id IS NULL AND b.lifted_at IS NULL
WHERE (w.state = %s AND b.id IS NULL) OR (w.state = %s AND b.id IS NOT NULL)
"""
CLOSED = """
SELECT w.id AS worker, w.state FROM workers_worker w JOIN users_user u ON u.id = w.user_id
WHERE u.closed_at IS NOT NULL AND w.state <> %s
"""

INVARIANTS = [
    Invariant(
        "workers.blocked",
        "A worker is blocked on the site exactly while a block of the site stands.",
        query(BLOCKED, WorkerState.BLOCKED, WorkerState.ACTIVE),
    ),
    Invariant("workers.closed", "Whose account is closed does not work.", query(CLOSED, WorkerState.CLOSED)),
]
