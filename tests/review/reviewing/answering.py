"""Workers who answer what is reviewed, and what a reviewer says of it."""

from random import Random

from crowd.assignments.models import Answer, Assignment
from crowd.assignments.services import submit, take
from crowd.consensus.services.aggregate import aggregate
from crowd.ledger.queries import balance
from crowd.ledger.services import accounts
from crowd.projects.models import Project
from crowd.review import jobs
from crowd.review.models import TaskReview
from crowd.review.services.verdicts import Verdict
from tests import make
from workers.models import Worker

GOOD = {"units": [{"mood": "good"}]}


def answer(worker: Worker, project: Project, mood: str = "good") -> Assignment:
    held = take.take_next(worker=worker, project_id=project.pk, guidelines_read=1, random=Random(1))
    return submit.submit(worker=worker, assignment_id=held.pk, value={"mood": mood}, take_next=False).assignment


def answered(project: Project) -> list[Worker]:
    """Two workers have answered everything: one that it is good, one that it is bad."""
    people = [make.make_worker(), make.make_worker()]
    for worker, mood in zip(people, ("good", "bad"), strict=True):
        for _task in range(2):
            answer(worker, project, mood)
    aggregate(project.pk)
    jobs.sweep()
    return people


def earned(worker: Worker) -> int:
    return balance(accounts.open(holder="worker", holder_id=worker.pk, purpose="available", currency="USD"))


def say(review: TaskReview, **deeds: str) -> list[Verdict]:
    """say(review, good="accept", bad="fix"): one deed for the answers of each kind."""
    found = Answer.objects.filter(task=review.task_id, assignment__for_review=False)
    return [
        Verdict(assignment_id=one.assignment_id, deed=deeds[one.value["units"][0]["mood"]], comment="Look again.")
        for one in found
    ]
