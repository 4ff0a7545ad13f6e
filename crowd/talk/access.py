"""The doors to what people write each other: each side gets its own threads, staff leave a trace when they look."""

from django.db.models import Q, QuerySet

from crowd.assignments.models import Participation
from crowd.assignments.queries import visible_to
from crowd.kernel.errors import NotFound
from crowd.projects.access import project_for
from crowd.projects.models import Project
from crowd.talk.models import Complaint, Message, Thread, Ticket
from crowd.talk.states import Side
from crowd.users.access import organisation_for, require_staff
from crowd.users.models import Membership, User
from workers.models import Worker
from workers.services.pseudonyms import worker_by_pseudonym


def as_worker(worker: Worker, project_id: int) -> Project:
    """A project whose requester he may write to: one that he may look at, or where there is a thread already."""
    found = Thread.objects.select_related("project__organisation").filter(project=project_id, worker=worker).first()
    return found.project if found else visible_to(worker, project_id)


def as_requester(user: User, project_id: int, pseudonym: str) -> tuple[Project, Worker]:
    """For members: a worker who has worked in the project, or who wrote first. NotFound for everybody else, staff too.

    So no requester writes to people of whom he only has a pseudonym from another project.
    """
    project = member_project(user, project_id)
    worker = worker_by_pseudonym(project.organisation, pseudonym)
    worked = Participation.objects.filter(project=project, worker=worker).exists()
    if not (worked or Thread.objects.filter(project=project, worker=worker).exists()):
        raise NotFound
    return project, worker


def member_project(user: User, project_id: int) -> Project:
    project = project_for(user, project_id)
    organisation_for(user, project.organisation_id)
    return project


def message_for(user: User, message_id: int) -> tuple[Message, Side]:
    """A message of a thread that he is in, and on which side. NotFound for others: staff come by complaints."""
    mine = Q(thread__worker__user=user) | Q(
        thread__project__organisation__in=Membership.objects.filter(user=user).values("organisation")
    )
    message = Message.objects.select_related("thread__worker", "thread__project").filter(mine, pk=message_id).first()
    if message is None:
        raise NotFound
    side = Side.WORKER if message.thread.worker.user_id == user.pk else Side.REQUESTER
    return message, side


def complaints_for_staff(user: User) -> QuerySet[Complaint]:
    require_staff(user)
    return Complaint.objects.select_related("message__thread__project__organisation", "made_by", "handled_by")


def tickets_for_staff(user: User) -> QuerySet[Ticket]:
    require_staff(user)
    return Ticket.objects.select_related("user", "project", "assignment")


def ticket_of(user: User, ticket_id: int) -> Ticket:
    """One of his own. Raises NotFound."""
    found = Ticket.objects.select_related("project").filter(user=user, pk=ticket_id).first()
    if found is None:
        raise NotFound
    return found
