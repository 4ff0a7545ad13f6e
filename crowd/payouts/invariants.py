"""What must hold of payouts and of the money in them."""

from crowd.kernel.invariants import Invariant, query

IN_TRANSIT = """
SELECT coalesce(b.holder_id, p.worker_id) AS worker, coalesce(b.currency, p.currency) AS currency,
    coalesce(b.micros, 0) AS in_transit_micros, coalesce(p.micros, 0) AS payouts_micros
FROM (SELECT * FROM ledger_balance WHERE holder = 'worker' AND purpose = 'in_transit') b
FULL JOIN (
    SELECT worker_id, currency, sum(amount_micros) AS micros FROM payouts_payout
    WHERE state IN ('requested', 'approved', 'sent') GROUP BY worker_id, currency
) p ON p.worker_id = b.holder_id AND p.currency = b.currency
WHERE coalesce(b.micros, 0) <> coalesce(p.micros, 0)
"""
# Each payout against the transfers that its state asks for: whether each key must be there.
TRANSFERS = """
SELECT wanted.key, wanted.state, wanted.amount_micros, t.amount_micros AS transfer_micros
FROM (
    SELECT 'payout:' || id AS key, true AS due, state, amount_micros, currency FROM payouts_payout
    UNION ALL
    SELECT 'payout:' || id || ':sent', state = 'confirmed', state, amount_micros, currency FROM payouts_payout
    UNION ALL
    SELECT 'payout:' || id || ':back', state IN ('failed', 'refused'), state, amount_micros, currency
    FROM payouts_payout
) wanted
LEFT JOIN ledger_transfer t ON t.key = wanted.key
WHERE wanted.due <> (t.id IS NOT NULL)
   OR t.amount_micros <> wanted.amount_micros OR t.currency <> wanted.currency
"""
BATCHES = """
SELECT p.id AS payout, p.state, b.id AS batch, b.state AS batch_state
FROM payouts_payout p LEFT JOIN payouts_batch b ON b.id = p.batch_id
WHERE p.currency <> coalesce(b.currency, p.currency)
   OR CASE p.state
        WHEN 'requested' THEN coalesce(b.state, 'open') <> 'open'
        WHEN 'approved' THEN b.state IS DISTINCT FROM 'approved'
        WHEN 'sent' THEN b.state IS DISTINCT FROM 'sent'
        WHEN 'refused' THEN b.id IS NOT NULL
        ELSE coalesce(b.state, '') NOT IN ('sent', 'settled')
      END
"""
FILES = """
SELECT id AS batch, state FROM payouts_batch
WHERE (state IN ('sent', 'settled')) <> (file_sha256 <> '')
   OR (state = 'sent' AND (file IS NULL OR file_key IS NULL))
   OR (state NOT IN ('sent', 'settled') AND file IS NOT NULL)
"""
REAL_MONEY = "SELECT id AS payout FROM payouts_payout WHERE currency = 'XTS'"

INVARIANTS = [
    Invariant("payouts.in_transit", "A worker's money on its way out is in open payouts.", query(IN_TRANSIT)),
    Invariant("payouts.transfers", "A payout has exactly the transfers that its state says.", query(TRANSFERS)),
    Invariant("payouts.batches", "A payout and its batch are in states that fit.", query(BATCHES)),
    Invariant("payouts.files", "A sent batch has its file, and no other has one.", query(FILES)),
    Invariant("payouts.real_money", "Test money is never paid out.", query(REAL_MONEY)),
]
