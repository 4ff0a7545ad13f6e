"""What must hold of qualifications."""

from crowd.kernel.invariants import Invariant, query
from crowd.ledger.states import Holder
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

# What a test's escrow holds: the reserve, and what is promised to those who are at it.
TEST_ESCROW = """
SELECT coalesce(w.qualification, b.holder_id) AS qualification, b.currency, w.micros AS wanted, b.micros AS there
FROM (SELECT p.qualification_id AS qualification, p.currency, p.reserve_micros + coalesce((
          SELECT sum(a.reward_micros + a.fee_micros) FROM qualifications_attempt a
          WHERE a.qualification_id = p.qualification_id AND a.state = %s), 0) AS micros
      FROM qualifications_testpay p) w
FULL JOIN (SELECT holder_id, currency, micros FROM ledger_balance WHERE holder = %s) b
    ON b.holder_id = w.qualification AND b.currency = w.currency
WHERE coalesce(w.micros, 0) <> coalesce(b.micros, 0)
"""
TEST_PAID = """
SELECT coalesce(a.id, t.subject_ref) AS attempt, a.state, a.reward_micros, a.fee_micros, t.paid, t.fee
FROM (SELECT id, state, reward_micros, fee_micros FROM qualifications_attempt
      WHERE state = %s AND reward_micros > 0) a
FULL JOIN (SELECT subject_ref, sum(amount_micros) FILTER (WHERE kind = 'test_reward') AS paid,
                  coalesce(sum(amount_micros) FILTER (WHERE kind = 'test_fee'), 0) AS fee
           FROM ledger_transfer WHERE kind IN ('test_reward', 'test_fee') GROUP BY subject_ref) t
    ON t.subject_ref = a.id
WHERE (a.reward_micros, a.fee_micros) IS DISTINCT FROM (t.paid, t.fee)
"""
# Whose money a test's is: its organisation's, or the site's, which pays itself no fee.
TEST_PAYER = """
SELECT q.id AS qualification, q.organisation_id AS organisation, t.key, x.holder, x.holder_id
FROM ledger_transfer t
JOIN ledger_account x ON x.id = CASE t.kind WHEN 'test_reserve' THEN t.debit_id ELSE t.credit_id END
JOIN qualifications_qualification q ON q.id = t.subject_ref
WHERE t.kind IN ('test_reserve', 'test_release') AND (x.holder, x.holder_id, x.purpose) IS DISTINCT FROM (
    CASE WHEN q.organisation_id IS NULL THEN 'platform' ELSE 'organisation' END, coalesce(q.organisation_id, 0),
    'available')
UNION ALL
SELECT q.id, NULL, 'attempt:' || a.id, 'test', q.id FROM qualifications_attempt a
JOIN qualifications_qualification q ON q.id = a.qualification_id
WHERE q.organisation_id IS NULL AND a.fee_micros > 0
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
    Invariant(
        "qualifications.test_escrow",
        "What is set aside for a test is its reserve and what is promised to those who are at it.",
        query(TEST_ESCROW, AttemptState.ACTIVE, Holder.TEST),
    ),
    Invariant(
        "qualifications.test_paid",
        "Exactly the tries that were handed in and promised pay are paid, once, with the fee.",
        query(TEST_PAID, AttemptState.SUBMITTED),
    ),
    Invariant(
        "qualifications.test_payer",
        "An organisation pays for its own tests, the site for its own, and takes no fee on them.",
        query(TEST_PAYER),
    ),
]
