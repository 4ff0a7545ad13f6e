from crowd.kernel.admin_site import show
from crowd.projects.models import (
    ConfigVersion,
    Exclusion,
    GuidelinesVersion,
    Item,
    LabelTree,
    MediaFile,
    Project,
    Report,
    Requirement,
    Review,
    StagedFile,
    Task,
    TeamInvitation,
    TeamMember,
    Tier,
    Upload,
)

show(
    Project,
    *("id", "title", "organisation", "state", "workforce", "currency", "reward_micros", "redundancy"),
    search=["title", "=id"],
    filters=["state", "workforce"],
)
show(ConfigVersion, "id", "project", "version", "created_by", "created_at", search=["=project__id"])
show(LabelTree, "id", "project", "sha256", "created_at", search=["=project__id"], hidden=["nodes"])
show(GuidelinesVersion, "id", "project", "version", "created_by", "created_at", search=["=project__id"])
show(Requirement, "id", "project", "qualification", "comparator", "values", "locales", search=["=project__id"])
show(Exclusion, "id", "project", "other", search=["=project__id"])
show(
    TeamInvitation,
    *("id", "project", "created_at", "expires_at", "uses_left", "revoked_at"),
    search=["=project__id"],
    hidden=["token_digest"],
)
show(TeamMember, "id", "project", "worker", "joined_at", "removed_at", search=["=project__id"])
show(
    Upload,
    *("id", "project", "state", "format", "filename", "rows_good", "rows_bad", "created_at"),
    search=["=project__id"],
    filters=["state"],
)
show(MediaFile, "id", "project", "filename", "content_type", "size", search=["=project__id", "filename"])
show(Item, "id", "project", "key", "created_at", search=["=project__id", "=key"])
show(
    Task,
    *("id", "project", "state", "open", "redundancy", "needed", "filled", "answered", "is_gold"),
    search=["=project__id", "=id"],
)
show(Review, "id", "project", "state", "cause", "asked_at", "decided_at", search=["=project__id"], filters=["state"])
show(Report, "id", "project", "worker", "kind", "reported_at", "handled_at", search=["=project__id"])
show(StagedFile, "id", "project", "filename", "format", "size", "created_at", search=["=project__id"])
show(
    Tier,
    *("id", "project", "number", "name", "reward_micros", "redundancy", "budget_micros", "reserve_micros"),
    search=["=project__id", "name"],
)
