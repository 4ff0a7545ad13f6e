"""What must always be true of assignments, answers, slots and the escrow behind them."""

from crowd.kernel.invariants import Invariant, query

COUNTERS = """
SELECT t.id, t.project_id, t.filled, t.answered, t.cannot_answer_count, n.filled AS rows_filled,
       n.answered AS rows_answered, n.reports AS rows_reports
FROM projects_task t
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE a.counts) AS filled,
           count(*) FILTER (WHERE a.counts AND a.state IN ('submitted', 'accepted')) AS answered,
           count(*) FILTER (WHERE a.counts AND a.state IN ('submitted', 'accepted')
                            AND s.cannot_answer <> '') AS reports
    FROM assignments_assignment a
    LEFT JOIN assignments_answer s
        ON s.project_id = a.project_id AND s.assignment_id = a.id AND s.attempt = a.attempt
    WHERE a.project_id = t.project_id AND a.task_id = t.id
) n ON true
WHERE NOT t.is_gold
  AND (t.filled, t.answered, t.cannot_answer_count) IS DISTINCT FROM (n.filled, n.answered, n.reports)
"""

OPEN = """
SELECT id, project_id, state, needed, filled, open FROM projects_task
WHERE open IS DISTINCT FROM (state = 'live' AND NOT is_gold AND filled < needed)
"""

OVER = """
SELECT t.id, t.project_id, t.needed, count(*) AS answers
FROM projects_task t JOIN assignments_assignment a ON a.project_id = t.project_id AND a.task_id = t.id AND a.counts
WHERE NOT t.is_gold GROUP BY t.id HAVING count(*) > t.needed
"""

TWICE = """
SELECT project_id, task_id, worker_id, array_agg(id) AS assignments FROM assignments_assignment
GROUP BY project_id, task_id, worker_id, is_repeat HAVING count(*) > 1
"""

ANSWERED = """
SELECT a.id, a.project_id, a.state FROM assignments_assignment a
LEFT JOIN assignments_answer s ON s.project_id = a.project_id AND s.assignment_id = a.id AND s.attempt = a.attempt
WHERE (a.state IN ('submitted', 'accepted', 'rejected')) AND s.id IS NULL
"""

ORPHANS = """
SELECT s.id, s.project_id FROM assignments_answer s
LEFT JOIN assignments_assignment a ON a.id = s.assignment_id
WHERE a.id IS NULL OR (a.project_id, a.task_id, a.worker_id) IS DISTINCT FROM (s.project_id, s.task_id, s.worker_id)
   OR NOT EXISTS (SELECT 1 FROM projects_project p WHERE p.id = s.project_id)
   OR NOT EXISTS (SELECT 1 FROM projects_configversion c WHERE c.id = s.config_id AND c.project_id = s.project_id)
"""

TALLIES = """
SELECT p.id, p.project_id, p.worker_id, p.taken_count, p.submitted_count, p.gold_right, p.gold_wrong,
       p.gold_spent_micros, p.repeat_spent_micros, n.*
FROM assignments_participation p
JOIN projects_project j ON j.id = p.project_id
JOIN LATERAL (
    SELECT coalesce(sum(l.reward_micros + l.fee_micros) FILTER (WHERE a.is_gold), 0) AS gold,
           coalesce(sum(l.reward_micros + l.fee_micros) FILTER (WHERE a.is_repeat), 0) AS repeats
    FROM assignments_leaving l JOIN assignments_assignment a ON a.id = l.assignment_id
    WHERE l.worker_id = p.worker_id AND a.project_id = p.project_id
) left_ ON true
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE a.state NOT IN ('returned', 'expired')) AS taken,
           count(*) FILTER (WHERE a.state IN ('submitted', 'accepted', 'rejected')) AS submitted,
           count(*) FILTER (WHERE a.gold_passed) AS rights,
           count(*) FILTER (WHERE NOT a.gold_passed) AS wrongs,
           coalesce(sum(a.reward_micros + a.fee_micros)
               FILTER (WHERE a.is_gold AND a.state NOT IN ('returned', 'expired')), 0) + left_.gold AS spent,
           coalesce(sum(a.reward_micros + a.fee_micros)
               FILTER (WHERE a.is_repeat AND a.state NOT IN ('returned', 'expired')), 0) + left_.repeats
               AS spent_on_repeats
    FROM assignments_assignment a WHERE a.project_id = p.project_id AND a.worker_id = p.worker_id
) n ON true
WHERE (p.taken_count, p.submitted_count, p.gold_right, p.gold_wrong)
      IS DISTINCT FROM (n.taken, n.submitted, n.rights, n.wrongs)
   OR (j.state <> 'closed' AND (p.gold_spent_micros, p.repeat_spent_micros) <> (n.spent, n.spent_on_repeats))
"""

# Joined by the whole key, so that one pass over both tables answers it, whatever is known of their sizes.
PAID = """
SELECT a.id, a.project_id, a.state, a.reward_micros, coalesce(r.amount_micros, 0) + coalesce(f.amount_micros, 0) AS paid
FROM assignments_assignment a
LEFT JOIN ledger_transfer r ON r.key = 'assignment:' || a.id || ':' || a.attempt || ':reward'
LEFT JOIN ledger_transfer f ON f.key = 'assignment:' || a.id || ':' || a.attempt || ':fee'
LEFT JOIN ledger_account d ON d.id = r.debit_id
WHERE coalesce(r.amount_micros, 0) + coalesce(f.amount_micros, 0) <> CASE a.state WHEN 'accepted'
    THEN CASE WHEN a.reward_micros = 0 THEN 0 WHEN d.holder = 'platform' THEN a.reward_micros  -- repaid, without a fee
              ELSE a.reward_micros + a.fee_micros END ELSE 0 END
"""

LEFT_WITH_PAY = """
SELECT coalesce(l.assignment_id, t.subject_ref) AS assignment, l.attempt, l.reward_micros + l.fee_micros AS due, t.paid
FROM assignments_leaving l
FULL JOIN (SELECT subject_ref, regexp_replace(key, ':fee$', '') AS key, sum(amount_micros) AS paid
           FROM ledger_transfer WHERE kind IN ('reward', 'fee') AND key ~ '^assignment:[0-9]+:[0-9]+:left(:fee)?$'
           GROUP BY 1, 2) t ON t.key = 'assignment:' || l.assignment_id || ':' || l.attempt || ':left'
LEFT JOIN assignments_assignment a ON a.id = l.assignment_id
WHERE coalesce(t.paid, 0) IS DISTINCT FROM l.reward_micros + l.fee_micros OR l.worker_id <> a.worker_id
   OR l.attempt > a.attempt OR (l.attempt = a.attempt AND a.state <> 'returned')
"""

HELD = """
SELECT a.id, a.project_id, a.state, r.state AS rejection FROM assignments_assignment a
LEFT JOIN assignments_rejection r ON r.assignment_id = a.id
WHERE (a.state = 'rejected') IS DISTINCT FROM (coalesce(r.state IN ('held', 'released'), false))
"""

HOLDING = """
SELECT a.project_id, a.worker_id, count(*) FILTER (WHERE a.opened_at IS NOT NULL) AS open, count(*) AS held
FROM assignments_assignment a WHERE a.state = 'active' AND a.rework_of IS NULL GROUP BY a.project_id, a.worker_id
HAVING count(*) FILTER (WHERE a.opened_at IS NOT NULL) > 1 OR count(*) FILTER (WHERE a.opened_at IS NULL) > 1
"""

TOP_UPS = """
SELECT coalesce(p.id, t.subject_ref) AS id, p.project_id, p.top_up_due_micros, p.topped_up_micros, t.paid
FROM assignments_participation p
FULL JOIN (SELECT subject_ref, sum(amount_micros) AS paid FROM ledger_transfer WHERE kind = 'top_up'
           GROUP BY subject_ref) t ON t.subject_ref = p.id
WHERE (p.topped_up_micros <> 0 OR t.paid IS NOT NULL)
  AND (p.topped_up_micros IS DISTINCT FROM t.paid OR p.topped_up_micros > p.top_up_due_micros)
"""

# A slot that comes back must cost what a free slot of its task costs: nobody holds a task from below its tier.
TIERS = """
SELECT t.id, t.project_id, t.tier, a.id AS assignment, a.tier AS taken_in FROM projects_task t
LEFT JOIN projects_tier s ON s.project_id = t.project_id AND s.number = t.tier
LEFT JOIN assignments_assignment a
    ON a.task_id = t.id AND a.state = 'active' AND a.rework_of IS NULL AND a.tier <> t.tier AND NOT a.is_repeat
WHERE (t.tier > 0 AND (s.id IS NULL OR t.is_gold)) OR a.id IS NOT NULL
"""

# ARCHITECTURE's decision 3, docs/money.md: nothing in escrow is unclaimed, and nothing claimed is missing.
ESCROW = """
SELECT p.id, p.state, coalesce(purse.micros, 0) AS escrow, parts.*
FROM projects_project p
JOIN LATERAL (
    SELECT
        CASE WHEN p.state IN ('open', 'paused', 'closing') THEN
            (SELECT coalesce(sum((t.needed - t.filled) * coalesce(s.reward_micros + s.fee_micros,
                                                                  p.reward_micros + p.fee_micros)), 0)
             FROM projects_task t LEFT JOIN projects_tier s ON s.project_id = t.project_id AND s.number = t.tier
             WHERE t.project_id = p.id AND NOT t.is_gold) ELSE 0 END AS free_slots,
        (SELECT coalesce(sum(a.reward_micros + a.fee_micros), 0)
         FROM assignments_assignment a LEFT JOIN assignments_rejection r ON r.assignment_id = a.id
         WHERE a.project_id = p.id AND (a.state IN ('active', 'submitted') OR r.state = 'held')) AS promised,
        p.gold_reserve_micros - (SELECT coalesce(sum(w.gold_spent_micros), 0)
            FROM assignments_participation w WHERE w.project_id = p.id) AS gold_reserve,
        p.repeat_reserve_micros - (SELECT coalesce(sum(w.repeat_spent_micros), 0)
            FROM assignments_participation w WHERE w.project_id = p.id) AS repeat_reserve,
        p.extra_reserve_micros AS extra_reserve,
        p.corrections_reserve_micros AS corrections_reserve,
        p.review_reserve_micros AS review_reserve,
        p.floor_reserve_micros AS floor_reserve,
        (SELECT coalesce(sum(s.reserve_micros), 0) FROM projects_tier s WHERE s.project_id = p.id) AS tier_reserves,
        p.surplus_micros AS surplus
) parts ON true
LEFT JOIN LATERAL (
    SELECT a.folded_micros + coalesce((SELECT sum(CASE WHEN t.credit_id = a.id THEN t.amount_micros
        ELSE -t.amount_micros END) FROM ledger_transfer t
        WHERE (t.credit_id = a.id OR t.debit_id = a.id) AND t.id > a.folded_through), 0) AS micros
    FROM ledger_account a
    WHERE a.holder = 'project' AND a.holder_id = p.id AND a.purpose = 'escrow' AND a.currency = p.currency
) purse ON true
WHERE p.state <> 'draft'
  AND coalesce(purse.micros, 0) IS DISTINCT FROM
      parts.free_slots + parts.promised + parts.gold_reserve + parts.repeat_reserve + parts.extra_reserve
      + parts.corrections_reserve + parts.review_reserve + parts.floor_reserve + parts.tier_reserves + parts.surplus
"""

GOLD_RESERVE = """
SELECT p.id, p.state, p.gold_reserve_micros, w.spent, w.owed
FROM projects_project p
JOIN (SELECT project_id, sum(gold_spent_micros) AS spent, sum(quiz_owed_micros) AS owed
      FROM assignments_participation GROUP BY project_id) w ON w.project_id = p.id
WHERE p.state <> 'closed' AND p.gold_reserve_micros < w.spent + w.owed
"""

# The answer that it repeats is his own and came before it.
REPEATS = """
SELECT r.id, r.project_id FROM assignments_assignment r
LEFT JOIN assignments_assignment own ON own.project_id = r.project_id AND own.task_id = r.task_id
    AND own.worker_id = r.worker_id AND NOT own.is_repeat
WHERE r.is_repeat AND (own.id IS NULL OR own.id > r.id OR own.is_gold OR own.for_review)
UNION ALL
SELECT p.id, p.id FROM projects_project p
WHERE p.state <> 'closed' AND p.repeat_reserve_micros < (
    SELECT coalesce(sum(w.repeat_spent_micros), 0) FROM assignments_participation w WHERE w.project_id = p.id)
"""

CONTRIBUTED = """
SELECT c.id, c.assignment_id, c.media_id
FROM assignments_contribution c JOIN projects_mediafile m ON m.id = c.media_id
JOIN assignments_assignment a ON a.id = c.assignment_id
WHERE m.project_id <> a.project_id OR m.sha256 <> c.sha256
   OR c.answered_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM assignments_answer s
        WHERE s.project_id = a.project_id AND s.assignment_id = a.id
          AND s.value -> 'units' -> c.unit::int -> c.question -> 'file' = to_jsonb(c.media_id))
"""

INVARIANTS = [
    Invariant("task_counters", "A task's counters are what its assignments say.", query(COUNTERS)),
    Invariant("task_open", "A task is open exactly while it is live, ordinary and has a free slot.", query(OPEN)),
    Invariant("redundancy", "No task has more answers that count, or are being given, than it wants.", query(OVER)),
    Invariant("once", "Nobody has a task twice, but once more where he is asked again what he said.", query(TWICE)),
    Invariant("answered", "Whatever is submitted, accepted or rejected has its answer.", query(ANSWERED)),
    Invariant("answer_orphans", "Every answer belongs to its assignment, project and config version.", query(ORPHANS)),
    Invariant("tallies", "A participation's tallies are what its assignments say.", query(TALLIES)),
    Invariant("paid_once", "Exactly the accepted assignments are paid, each its frozen price, once.", query(PAID)),
    Invariant("left", "Who left content that was warned of was paid what was due, once.", query(LEFT_WITH_PAY)),
    Invariant("rejections", "Exactly the rejected assignments have a rejection that was not overturned.", query(HELD)),
    Invariant("holding", "Nobody has more than one task open in a project, and one reserved ahead.", query(HOLDING)),
    Invariant("top_ups", "What a worker was topped up by is what is due, or less, and was paid once.", query(TOP_UPS)),
    Invariant("tiers", "A task stands in a tier that there is, and nobody holds it from below.", query(TIERS)),
    Invariant("gold_reserve", "The gold reserve pays for all quizzes that were begun.", query(GOLD_RESERVE)),
    Invariant("repeats", "A repeat is of what he answered himself before, and its reserve paid.", query(REPEATS)),
    Invariant("contributed", "A file that is in an answer stands there, and is its project's.", query(CONTRIBUTED)),
    Invariant("escrow", "A project's escrow is the sum of its parts.", query(ESCROW)),
]
