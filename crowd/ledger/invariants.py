"""What must hold in the ledger, each as one statement that returns the rows that break it."""

from crowd.kernel.invariants import Invariant, query

# A movement (deposit, withdrawal, correction) and its transfers, by key.
FOLDED = """
SELECT a.id AS account, a.folded_micros, s.micros AS transfers_micros
FROM ledger_account a
LEFT JOIN (
    SELECT side.account, sum(side.micros) AS micros FROM (
        SELECT t.credit_id AS account, t.amount_micros AS micros
        FROM ledger_transfer t JOIN ledger_account x ON x.id = t.credit_id WHERE t.id <= x.folded_through
        UNION ALL
        SELECT t.debit_id, -t.amount_micros
        FROM ledger_transfer t JOIN ledger_account x ON x.id = t.debit_id WHERE t.id <= x.folded_through
    ) side GROUP BY side.account
) s ON s.account = a.id
WHERE a.folded_micros <> coalesce(s.micros, 0)
"""
TOTAL = "SELECT currency, sum(micros) AS micros FROM ledger_balance GROUP BY currency HAVING sum(micros) <> 0"
CURRENCY = """
SELECT t.id AS transfer, t.currency, d.currency AS debit_currency, c.currency AS credit_currency
FROM ledger_transfer t
LEFT JOIN ledger_account d ON d.id = t.debit_id
LEFT JOIN ledger_account c ON c.id = t.credit_id
WHERE d.currency IS DISTINCT FROM t.currency OR c.currency IS DISTINCT FROM t.currency
"""
BELOW_ZERO = """
SELECT id AS account, holder, holder_id, purpose, currency, micros FROM ledger_balance
WHERE micros < 0 AND (guarded OR purpose IN ('escrow', 'in_transit'))
"""
PLACES = """
SELECT id AS account, holder, purpose, guarded FROM ledger_account
WHERE guarded <> (purpose = 'available')
   OR (holder, purpose) NOT IN (('outside', 'bank'), ('platform', 'fees'), ('platform', 'corrections'),
       ('platform', 'available'), ('organisation', 'available'), ('organisation', 'in_transit'),
       ('project', 'escrow'), ('test', 'escrow'), ('worker', 'available'), ('worker', 'in_transit'))
   OR (holder IN ('outside', 'platform')) <> (holder_id = 0)
"""
# Each decided movement against the transfers that its state asks for: (key, whether it must be there).
MOVEMENTS = """
SELECT wanted.key, wanted.amount_micros, wanted.currency, t.amount_micros AS transfer_micros
FROM (
    SELECT 'deposit:' || id AS key, state = 'done' AS due, amount_micros, currency FROM ledger_deposit
    UNION ALL SELECT 'correction:' || id, state = 'done', amount_micros, currency FROM ledger_correction
    UNION ALL SELECT 'withdrawal:' || id, true, amount_micros, currency FROM ledger_withdrawal
    UNION ALL SELECT 'withdrawal:' || id || ':sent', state = 'done', amount_micros, currency FROM ledger_withdrawal
    UNION ALL SELECT 'withdrawal:' || id || ':back', state = 'refused', amount_micros, currency FROM ledger_withdrawal
) wanted
LEFT JOIN ledger_transfer t ON t.key = wanted.key
WHERE wanted.due <> (t.id IS NOT NULL)
   OR t.amount_micros <> wanted.amount_micros OR t.currency <> wanted.currency
"""
IN_TRANSIT = """
SELECT b.holder_id AS organisation, b.currency, b.micros, coalesce(w.micros, 0) AS withdrawals_micros
FROM ledger_balance b
LEFT JOIN (
    SELECT organisation_id, currency, sum(amount_micros) AS micros
    FROM ledger_withdrawal WHERE state = 'pending' GROUP BY organisation_id, currency
) w ON w.organisation_id = b.holder_id AND w.currency = b.currency
WHERE b.holder = 'organisation' AND b.purpose = 'in_transit' AND b.micros <> coalesce(w.micros, 0)
"""
TEST_MONEY = """
SELECT 'withdrawal' AS movement, id FROM ledger_withdrawal WHERE currency = 'XTS'
UNION ALL
SELECT kind, id FROM ledger_transfer
WHERE currency = 'XTS'
  AND kind NOT IN ('deposit', 'reserve', 'release', 'reward', 'fee', 'bonus', 'bonus_fee', 'top_up', 'top_up_fee',
                   'test_reserve', 'test_release', 'test_reward', 'test_fee', 'correction')
"""

INVARIANTS = [
    Invariant("ledger.folded", "What was folded into an account is the sum of its transfers so far.", query(FOLDED)),
    Invariant("ledger.total", "All accounts of a currency together hold nothing.", query(TOTAL)),
    Invariant("ledger.currency", "A transfer and its two accounts have one currency.", query(CURRENCY)),
    Invariant("ledger.below_zero", "No purse, escrow or transit account is below zero.", query(BELOW_ZERO)),
    Invariant("ledger.places", "Every account is one of the known kinds.", query(PLACES)),
    Invariant("ledger.movements", "A movement has exactly the transfers that its state says.", query(MOVEMENTS)),
    Invariant("ledger.in_transit", "An organisation's money on its way out is in open withdrawals.", query(IN_TRANSIT)),
    Invariant("ledger.test_money", "Test money stays inside.", query(TEST_MONEY)),
]
