"""What must always be true of bonuses."""

from crowd.kernel.invariants import Invariant, query

PAID = """
SELECT coalesce(b.id, t.subject_ref) AS id, b.project_id, b.amount_micros, b.fee_micros, t.paid, t.fee
FROM bonuses_bonus b
FULL JOIN (SELECT subject_ref, sum(amount_micros) FILTER (WHERE kind = 'bonus') AS paid,
                  coalesce(sum(amount_micros) FILTER (WHERE kind = 'bonus_fee'), 0) AS fee
           FROM ledger_transfer WHERE kind IN ('bonus', 'bonus_fee') GROUP BY subject_ref) t ON t.subject_ref = b.id
WHERE (b.amount_micros, b.fee_micros) IS DISTINCT FROM (t.paid, t.fee)
"""

INVARIANTS = [Invariant("bonuses.paid", "Every bonus is paid once, with its fee, and nothing else is.", query(PAID))]
