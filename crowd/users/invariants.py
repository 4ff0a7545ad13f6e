"""What must hold of people and organisations."""

from crowd.kernel.invariants import Invariant, query
from crowd.users.states import KeyPurpose, Role

OWNERLESS = """
SELECT organisation_id AS organisation, count(*) AS members FROM users_membership
GROUP BY organisation_id HAVING count(*) FILTER (WHERE role = %s) = 0
"""
# Whoever is erased can neither sign in nor be read: all but his key for the records of payouts is gone.
ERASED = """
SELECT u.id AS "user", u.is_active, k.purpose AS key FROM users_user u
LEFT JOIN users_personkey k ON k.user_id = u.id AND k.destroyed_at IS NULL
    AND NOT (k.purpose = %s AND k.destroy_after IS NOT NULL)
WHERE u.erased_at IS NOT NULL AND (u.is_active OR k.id IS NOT NULL OR u.closed_at IS NULL)
"""
KEYS = """
SELECT id AS key, user_id AS "user" FROM users_personkey WHERE (wrapped_key IS NULL) <> (destroyed_at IS NOT NULL)
"""

INVARIANTS = [
    Invariant("users.owned", "An organisation that has members has an owner.", query(OWNERLESS, Role.OWNER)),
    Invariant("users.erased", "Nothing of an erased person can be read.", query(ERASED, KeyPurpose.PAYOUTS)),
    Invariant("users.keys", "A person's key is there until it is destroyed.", query(KEYS)),
]
