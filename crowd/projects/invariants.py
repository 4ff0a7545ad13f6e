"""What must hold of a project's own rows; what ties them to assignments and money is listed further up."""

from crowd.kernel.invariants import Invariant, query

INVARIANTS = [
    Invariant(
        "tasks in one project with their item",
        "A task belongs to the project of its item.",
        query(
            "SELECT task.id FROM projects_task task JOIN projects_item item ON item.id = task.item_id "
            "WHERE item.project_id <> task.project_id"
        ),
    ),
    Invariant(
        "free slots are open",
        "A live task outside gold is open exactly when a slot of it is free.",
        query(
            "SELECT id, needed, filled, open FROM projects_task "
            "WHERE state = %s AND NOT is_gold AND open <> (filled < needed)",
            "live",
        ),
    ),
    Invariant(
        "published projects are complete",
        "A project that was published has a label config, a time and a price that was frozen.",
        query(
            "SELECT id, state FROM projects_project WHERE state <> %s "
            "AND (config_id IS NULL OR published_at IS NULL) AND NOT (state = %s AND published_at IS NULL)",
            "draft",
            "closed",
        ),
    ),
    Invariant(
        "drafts hold no money",
        "Before publish no reserve of a project is above zero.",
        query(
            "SELECT id FROM projects_project WHERE published_at IS NULL "
            "AND gold_reserve_micros + repeat_reserve_micros + extra_reserve_micros + corrections_reserve_micros "
            "+ surplus_micros + floor_reserve_micros + planned_slots > 0 "
            "OR id IN (SELECT project_id FROM projects_tier WHERE reserve_micros > 0 "
            "AND project_id IN (SELECT id FROM projects_project WHERE published_at IS NULL))"
        ),
    ),
    Invariant(
        "current versions are a project's own",
        "The label config and the guidelines in force belong to their project.",
        query(
            "SELECT project.id FROM projects_project project "
            "LEFT JOIN projects_configversion config ON config.id = project.config_id "
            "LEFT JOIN projects_guidelinesversion guidelines ON guidelines.id = project.guidelines_id "
            "WHERE config.project_id <> project.id OR guidelines.project_id <> project.id"
        ),
    ),
    Invariant(
        "items become tasks",
        "Every item is in some task: as the one it was cut from, or as a row of its page.",
        query(
            "SELECT id FROM projects_item EXCEPT (SELECT item_id FROM projects_task UNION ALL "
            "SELECT jsonb_array_elements_text(source -> 'items')::bigint FROM projects_task WHERE source ? 'items')"
        ),
    ),
    Invariant(
        "media in one project with their item",
        "An item's file belongs to the item's project.",
        query(
            "SELECT item.id FROM projects_item item JOIN projects_mediafile media ON media.id = item.media_id "
            "WHERE media.project_id <> item.project_id UNION ALL "
            "SELECT item.id FROM projects_item item JOIN projects_mediafile media ON media.id = item.beside_id "
            "WHERE media.project_id <> item.project_id"
        ),
    ),
]
