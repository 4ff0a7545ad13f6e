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

INVARIANTS = [
    Invariant("ruled", "Every case of a ruling is marked as ruled, in the ruling's project.", query(RULED)),
    Invariant("ruling_version", "A ruling stands in a version of its project's guidelines.", query(VERSION)),
]
