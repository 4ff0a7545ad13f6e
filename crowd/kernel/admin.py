from crowd.kernel.admin_site import show
from crowd.kernel.models import Clock, IdempotencyRecord, JobRun, Watermark

show(Clock, "id", "shift")
show(IdempotencyRecord, "id", "scope", "attempt", "status", "created_at", "applied_at", hidden=["body"])
show(Watermark, "name", "through")
show(JobRun, "name", "started_at", "finished_at", "runs", "failures")
