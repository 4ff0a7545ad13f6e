"""Somebody says that a task cannot be answered: it is counted, and from so many on the requester looks at the task."""

from crowd.assignments.models import Assignment
from crowd.assignments.services import recount
from crowd.assignments.states import AssignmentState
from crowd.projects.models import Project, Task
from crowd.projects.states import TASK, TaskState


def count(task_id: int, project: Project) -> None:
    """The answer that says so is counted with the others too. Locks the task."""
    task = Task.objects.select_for_update(no_key=True).get(id=task_id)
    task.answered += 1
    task.cannot_answer_count += 1
    if _reports_here(task) >= project.cannot_answer_limit and TASK.allows(task.state, TaskState.REVIEW):
        task.state, task.open = TaskState.REVIEW, False
    task.save(update_fields=["answered", "cannot_answer_count", "state", "open"])


def _reports_here(task: Task) -> int:
    """This one included. What was said below, before the task went up to specialists, is not theirs."""
    if task.tier == 0:
        return task.cannot_answer_count
    there = Assignment.objects.filter(project_id=task.project_id, task_id=task.id, tier=task.tier, counts=True)
    return 1 + len(recount.cannot_answers(list(there.exclude(state=AssignmentState.ACTIVE))))
