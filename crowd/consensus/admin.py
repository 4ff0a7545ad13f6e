from crowd.consensus.models import (
    AggregationRun,
    BiasReport,
    Consensus,
    Decision,
    Export,
    MergeWanted,
    Proposal,
    VoteChange,
    VotePart,
    WorkerScore,
)
from crowd.kernel.admin_site import show

show(
    AggregationRun,
    *("id", "project", "state", "method", "answers", "started_at", "finished_at"),
    search=["=project__id"],
    filters=["state"],
)
show(
    Consensus,
    *("id", "project", "task", "unit", "question", "posterior", "answers", "agreement"),
    search=["=project__id", "=task__id"],
)
show(
    WorkerScore,
    *("id", "project", "worker", "question", "answers", "accuracy", "agreement"),
    search=["=project__id", "=worker__id"],
)
show(Decision, "id", "project", "task", "unit", "question", "decided_at", search=["=project__id", "=task__id"])
show(Proposal, "id", "project", "assignment", "state", "evidence", "decided_by", search=["=project__id"])
show(BiasReport, "id", "project", "question", "column", "state", "asked_by", "counted_at", search=["=project__id"])
show(Export, "id", "project", "of", "format", "state", "rows", "asked_by", "asked_at", search=["=project__id"])
show(VoteChange, "id", "project", "assignment_id", "attempt", "state", "counts", search=["=project__id"])
show(VotePart, "id", "project", "number", "rows", "sha256", search=["=project__id"])
show(MergeWanted, "id", "project", search=["=project__id"])
