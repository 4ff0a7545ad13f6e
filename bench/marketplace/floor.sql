-- The floor: what PostgreSQL alone takes to claim a task and to submit its answer, in one transaction.
-- The statements are those of the ring (docs/architecture.md) without anything that a marketplace adds to them: no
-- sign-in, no gate, no gold, no money, no eligibility, no draft, no page. It is fixed: figures of all times compare.
-- pgbench runs it, one client a worker; `project` is given, and filled by bench/marketplace/floor.py.
\set worker :client_id + 1
BEGIN;
WITH k AS MATERIALIZED (
    SELECT cur FROM floor_worker_project WHERE project_id = :project AND worker_id = :worker FOR UPDATE),
c AS MATERIALIZED (
    SELECT x.id, x.rnd
    FROM (SELECT pr, s FROM generate_series(4, 0, -1) pr, generate_series(0, 1) s ORDER BY pr DESC, s) seg
    CROSS JOIN LATERAL (
        SELECT t.id, t.rnd FROM floor_task t
        WHERE t.project_id = :project AND t.open AND t.priority = seg.pr
          AND t.rnd >= CASE seg.s WHEN 0 THEN (SELECT cur FROM k) ELSE 0 END
          AND t.rnd <= CASE seg.s WHEN 0 THEN 2147483647 ELSE (SELECT cur FROM k) END
          AND NOT EXISTS (SELECT 1 FROM floor_assignment a
                          WHERE a.project_id = :project AND a.task_id = t.id AND a.worker_id = :worker OFFSET 0)
        ORDER BY t.rnd LIMIT 1 FOR UPDATE OF t SKIP LOCKED) x
    LIMIT 1),
i AS (
    INSERT INTO floor_assignment (project_id, task_id, worker_id, status, lease_until)
    SELECT :project, c.id, :worker, 0, now() + interval '10 minutes' FROM c
    ON CONFLICT DO NOTHING RETURNING id, task_id),
m AS (UPDATE floor_worker_project SET cur = c.rnd FROM c WHERE project_id = :project AND worker_id = :worker),
u AS (
    UPDATE floor_task t SET assigned = assigned + 1, open = (assigned + 1 < needed)
    FROM i WHERE t.project_id = :project AND t.id = i.task_id RETURNING i.id)
SELECT id AS assignment FROM u \gset
WITH a AS (
    UPDATE floor_assignment SET status = 1, lease_until = NULL
    WHERE id = :assignment AND worker_id = :worker AND status = 0 RETURNING project_id, task_id, worker_id),
s AS (
    INSERT INTO floor_answer (assignment_id, project_id, task_id, worker_id, value, submitted_at)
    SELECT :assignment, project_id, task_id, worker_id, '{"mood": "good"}'::jsonb, now() FROM a),
d AS (
    UPDATE floor_worker_project w SET n_done = n_done + 1
    FROM a WHERE w.project_id = a.project_id AND w.worker_id = a.worker_id)
UPDATE floor_task t SET answered = answered + 1 FROM a WHERE t.project_id = a.project_id AND t.id = a.task_id;
COMMIT;
