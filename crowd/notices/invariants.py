"""What must hold of notices and letters."""

from crowd.kernel.invariants import Invariant, query
from crowd.notices.states import LetterState

ENDED = "SELECT id AS letter, state FROM notices_letter WHERE (state = %s) <> (ended_at IS NULL)"
WHOSE = """
SELECT n.id AS notice, l.id AS letter FROM notices_notice n
JOIN notices_letter l ON l.id = n.letter_id WHERE l.user_id <> n.user_id
"""
ERASED = """
SELECT n.id AS notice FROM notices_notice n JOIN users_user u ON u.id = n.user_id WHERE u.erased_at IS NOT NULL
"""

INVARIANTS = [
    Invariant("notices.ended", "A letter is due until it has ended.", query(ENDED, LetterState.DUE)),
    Invariant("notices.whose", "Nobody's notices are in somebody else's letter.", query(WHOSE)),
    Invariant("notices.erased", "What an erased person was told is gone.", query(ERASED)),
]
