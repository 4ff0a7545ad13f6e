"""What must hold of qualifications."""

from crowd.kernel.invariants import Invariant, query
from qualifications.states import AttemptState, System

SYSTEM = """
SELECT g.id AS "grant", q.system FROM qualifications_grant g
JOIN qualifications_qualification q ON q.id = g.qualification_id WHERE q.system NOT IN ('', %s)
"""
GRADED = """
SELECT a.id AS attempt, a.state, a.score, a.passed, t.pass_mark FROM qualifications_attempt a
JOIN qualifications_test t ON t.id = a.test_id
WHERE (a.state = %s) <> (a.submitted_at IS NOT NULL AND a.answers IS NOT NULL AND a.score IS NOT NULL)
   OR a.passed IS DISTINCT FROM (a.score >= t.pass_mark)
"""

INVARIANTS = [
    Invariant(
        "qualifications.system", "What is read from the worker is granted to nobody.", query(SYSTEM, System.LANGUAGE)
    ),
    Invariant(
        "qualifications.graded",
        "An attempt that was handed in, and no other, has answers, a score and a verdict at its test's pass mark.",
        query(GRADED, AttemptState.SUBMITTED),
    ),
]
