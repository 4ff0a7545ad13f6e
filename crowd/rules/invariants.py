"""What must always be true of rules and their firings."""

from crowd.kernel.invariants import Invariant, query

# Blocks and revocations beyond the project, and everything that was followed, have their person.
DECIDED = """
SELECT id, state FROM rules_firing
WHERE (state IN ('followed', 'dismissed') AND decided_by_id IS NULL)
   OR (terms ->> 'action' = 'block' AND state IN ('due', 'done') AND result ? 'block')
"""

PLACED = """
SELECT f.id, f.project_id, r.project_id AS rule_project FROM rules_firing f JOIN rules_rule r ON r.id = f.rule_id
WHERE f.project_id <> r.project_id
   OR NOT EXISTS (SELECT 1 FROM assignments_participation p
                  WHERE p.project_id = f.project_id AND p.worker_id = f.worker_id)
"""

ANSWERED = """
SELECT id, state FROM rules_firing
WHERE (answered_at IS NOT NULL AND contested_at IS NULL) OR (state = 'undone' AND answered_at IS NULL)
   OR (state = 'undone' AND answered_by_id IS NULL
       AND terms ->> 'action' = 'block' AND terms -> 'parameters' ->> 'scope' = 'site')
"""

INVARIANTS = [
    Invariant("decided", "What a rule only proposes was done by a person, if it was done.", query(DECIDED)),
    Invariant("firings", "A firing is of a rule of its project, about somebody who worked there.", query(PLACED)),
    Invariant(
        "contests",
        "Only what was contested was answered or taken back, a block of the site by staff.",
        query(ANSWERED),
    ),
]
