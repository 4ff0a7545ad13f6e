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
BOARD = """
SELECT t.id AS topic, t.last_id, t.posts FROM talk_topic t
LEFT JOIN (SELECT topic_id, max(id) AS last, count(*) AS n FROM talk_post GROUP BY topic_id) p ON p.topic_id = t.id
WHERE t.last_id <> coalesce(p.last, 0) OR t.posts <> coalesce(p.n, 0)
"""
ERASED = """
SELECT u.id AS person FROM users_user u WHERE u.erased_at IS NOT NULL AND (
    EXISTS (SELECT 1 FROM talk_ticket t WHERE t.user_id = u.id)
    OR EXISTS (SELECT 1 FROM talk_handle h JOIN workers_worker w ON w.id = h.worker_id WHERE w.user_id = u.id))
"""

INVARIANTS = [
    Invariant("talk.last", "A thread ends with its newest message; no more is unread than there is.", query(LAST)),
    Invariant("talk.about", "A message is about a task of its own thread's worker and project.", query(ABOUT)),
    Invariant("talk.sides", "As the worker of a thread nobody but he himself writes.", query(SIDES)),
    Invariant("talk.board", "A topic ends with its newest post and counts its posts.", query(BOARD)),
    Invariant("talk.erased", "Of an erased person there is no handle and no ticket.", query(ERASED)),
]
