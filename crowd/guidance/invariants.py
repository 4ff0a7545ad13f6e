"""What must always be true of rulings and questions."""

from crowd.kernel.invariants import Invariant, query

RULED = """
SELECT c.id, c.task_id FROM guidance_rulingcase c
JOIN guidance_ruling r ON r.id = c.ruling_id JOIN projects_task t ON t.id = c.task_id
WHERE t.ruled_at IS NULL OR t.project_id <> r.project_id
"""
VERSION = """
SELECT r.id FROM guidance_ruling r JOIN projects_guidelinesversion v ON v.id = r.version_id
WHERE v.project_id <> r.project_id
"""
# Gold is decided by its key.
DECIDED = """
SELECT d.id, d.task_id FROM consensus_decision d
JOIN projects_task t ON t.id = d.task_id
JOIN consensus_consensus c ON c.project_id = d.project_id AND c.task_id = d.task_id AND c.unit = d.unit
    AND c.question = d.question
WHERE NOT t.is_gold AND (c.value <> d.value OR c.posterior < 1 OR t.project_id <> d.project_id)
"""

INVARIANTS = [
    Invariant("ruled", "Every case of a ruling is marked as ruled, in the ruling's project.", query(RULED)),
    Invariant("decisions", "The merged answer is what the requester decided himself.", query(DECIDED)),
    Invariant("ruling_version", "A ruling stands in a version of its project's guidelines.", query(VERSION)),
]
