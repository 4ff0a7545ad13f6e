"""What must hold of what people write each other."""

from crowd.kernel.invariants import Invariant, query

LAST = """
SELECT t.id AS thread, t.last_id FROM talk_thread t
WHERE t.last_id <> coalesce((SELECT max(m.id) FROM talk_message m WHERE m.thread_id = t.id), 0)
   OR t.worker_unread > (SELECT count(*) FROM talk_message m WHERE m.thread_id = t.id AND m.side = 'requester')
   OR t.requester_unread > (SELECT count(*) FROM talk_message m WHERE m.thread_id = t.id AND m.side = 'worker')
"""
ABOUT = """
SELECT m.id AS message FROM talk_message m JOIN talk_thread t ON t.id = m.thread_id
JOIN assignments_assignment a ON a.id = m.assignment_id
WHERE a.worker_id <> t.worker_id OR a.project_id <> t.project_id
"""
SIDES = """
SELECT m.id AS message FROM talk_message m JOIN talk_thread t ON t.id = m.thread_id
JOIN workers_worker w ON w.id = t.worker_id WHERE (m.side = 'worker') <> (m.author_id = w.user_id)
"""

INVARIANTS = [
    Invariant("talk.last", "A thread ends with its newest message; no more is unread than there is.", query(LAST)),
    Invariant("talk.about", "A message is about a task of its own thread's worker and project.", query(ABOUT)),
    Invariant("talk.sides", "As the worker of a thread nobody but he himself writes.", query(SIDES)),
]
