"""What must hold of appeals."""

from crowd.kernel.invariants import Invariant, query
from crowd.review.states import AppealState

DECIDED = "SELECT id AS appeal, state FROM review_appeal WHERE (state = %s) <> (decided_at IS NULL)"
# While an appeal is open the reward is there; what became of it is what was decided.
REWARDS = """
SELECT a.id AS appeal, a.state, r.id AS rejection, r.state AS became, r.appealed
FROM review_appeal a JOIN assignments_rejection r ON r.id = a.rejection_id
WHERE (a.state = 'open' AND (r.state = 'released' OR NOT r.appealed))
   OR (a.state = 'granted' AND r.state <> 'overturned') OR (a.state = 'upheld' AND r.state = 'held')
"""
KEPT = """
SELECT r.id AS rejection FROM assignments_rejection r
WHERE r.state = 'held' AND r.appealed
  AND NOT EXISTS (SELECT 1 FROM review_appeal a WHERE a.rejection_id = r.id AND a.state = 'open')
"""

INVARIANTS = [
    Invariant("review.decided", "An appeal is open until it is decided.", query(DECIDED, AppealState.OPEN)),
    Invariant(
        "review.rewards", "A contested reward is held until the appeal is decided, and then as it says.", query(REWARDS)
    ),
    Invariant("review.kept", "No reward is held for an appeal that there is not.", query(KEPT)),
]
