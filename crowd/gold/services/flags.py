"""After an aggregation a project's gold is audited, and its members are told once of each key that needs a look.

Nothing happens to a key by itself: correcting or retiring it is the requester's. What is contested is told at once, by
`contests`.
"""

from collections import Counter

from django.db import transaction
from django.db.models import Exists, OuterRef

from crowd.consensus.models import AggregationRun
from crowd.consensus.states import RunState
from crowd.gold import queries
from crowd.gold.models import Audit, Flag
from crowd.kernel import clock
from crowd.notices.services.notify import notify_members
from crowd.projects.models import Project, Task
from crowd.projects.services import reserves

TOLD = ("doubtful", "leaked")


def due() -> list[int]:
    """Running projects with gold and an aggregation after which it was not audited: for the sweep."""
    seen = Audit.objects.filter(project=OuterRef("project"), run__gte=OuterRef("pk"))
    newer = AggregationRun.objects.filter(~Exists(seen), project=OuterRef("pk"), state=RunState.DONE)
    gold = Task.objects.filter(project=OuterRef("pk"), is_gold=True)
    found = Project.objects.filter(Exists(gold), Exists(newer), state__in=reserves.RUNNING)
    return list(found.order_by("pk").values_list("pk", flat=True))


def tell(project_id: int) -> int:
    """How many keys its members were told of now. Each flag is told once, until it is gone and comes back."""
    project = Project.objects.select_related("organisation").get(pk=project_id)
    run = _newest(project_id)
    if run is None:
        return 0
    now_flagged = {(one.task.pk, name) for one in queries.audit(project) for name in one.flags if name in TOLD}
    with transaction.atomic(durable=True):
        reserves.lock(project_id)  # two at a time would tell twice
        known = {(one.task_id, one.name): one.pk for one in Flag.objects.filter(project=project)}
        Flag.objects.filter(pk__in=[pk for flag, pk in known.items() if flag not in now_flagged]).delete()
        new = sorted(now_flagged - set(known))
        now = clock.now()
        Flag.objects.bulk_create([Flag(project=project, task_id=task, name=name, at=now) for task, name in new])
        Audit.objects.update_or_create(project=project, defaults={"run": run})
        if new:
            numbers = Counter(name for _task, name in new)
            data = {"project": project.title} | {name: numbers[name] for name in TOLD}
            link = f"/requester/projects/{project.pk}/gold/"
            notify_members(organisation=project.organisation, kind="gold_flagged", data=data, link=link, now=now)
    return len({task for task, _name in new})


def _newest(project_id: int) -> AggregationRun | None:
    return AggregationRun.objects.filter(project=project_id, state=RunState.DONE).order_by("-pk").first()
