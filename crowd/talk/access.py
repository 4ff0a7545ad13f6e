"""The doors to what people write each other: each side gets its own threads, staff leave a trace when they look."""

from datetime import datetime
from typing import TypeVar

from django.conf import settings
from django.db.models import Exists, Model, Q, QuerySet
from django.utils.translation import gettext as _

from crowd.assignments.models import Participation
from crowd.assignments.queries import visible_to
from crowd.kernel import clock
from crowd.kernel.errors import NotAllowed, NotFound
from crowd.projects.access import project_for
from crowd.projects.models import Project
from crowd.talk.models import Announcement, Complaint, Message, Post, Thread, Ticket, Topic
from crowd.talk.states import Audience, Side
from crowd.users.access import organisation_for, require_staff
from crowd.users.models import Membership, User
from workers.models import Worker
from workers.services.pseudonyms import worker_by_pseudonym
from workers.states import WorkerState

Row_ = TypeVar("Row_", bound=Model)


def as_worker(worker: Worker, project_id: int) -> Project:
    """A project whose requester he may write to: one that he may look at, or where there is a thread already."""
    found = Thread.objects.select_related("project__organisation").filter(project=project_id, worker=worker).first()
    return found.project if found else visible_to(worker, project_id)


def as_requester(user: User, project_id: int, pseudonym: str) -> tuple[Project, Worker]:
    """For members: a worker who has worked in the project, or who wrote first. NotFound for everybody else, staff too.

    So no requester writes to people of whom he only has a pseudonym from another project; nor a member who works there
    too to himself.
    """
    project = member_project(user, project_id)
    worker = worker_by_pseudonym(project.organisation, pseudonym)
    worked = Participation.objects.filter(project=project, worker=worker).exists()
    if worker.user_id == user.pk or not (worked or Thread.objects.filter(project=project, worker=worker).exists()):
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
    about = ("message__thread__project__organisation", "post__worker", "post__topic")
    return Complaint.objects.select_related(*about, "made_by", "handled_by")


def tickets_for_staff(user: User) -> QuerySet[Ticket]:
    require_staff(user)
    return Ticket.objects.select_related("user", "project", "assignment")


def ticket_of(user: User, ticket_id: int) -> Ticket:
    """One of his own. Raises NotFound."""
    found = Ticket.objects.select_related("project").filter(user=user, pk=ticket_id).first()
    if found is None:
        raise NotFound
    return found


def announcements_for(user: User, now: datetime | None = None) -> QuerySet[Announcement]:
    """What was announced to him, also what is over; withdrawn ones are gone."""
    mine = (
        Q(audience=Audience.ALL)
        | Q(audience=Audience.WORKERS) & Q(Exists(Worker.objects.filter(user=user)))
        | Q(audience=Audience.REQUESTERS) & Q(Exists(Membership.objects.filter(user=user)))
        | Q(project__in=Participation.objects.filter(worker__user=user).values("project"))
    )
    begun = Announcement.objects.filter(mine, withdrawn_at=None, starts_at__lte=now or clock.now())
    return begun.select_related("project__organisation")


def announcement_in(project: Project, announcement_id: int) -> Announcement:
    """One of the project's own. Raises NotFound."""
    found = Announcement.objects.filter(project=project, pk=announcement_id).first()
    if found is None:
        raise NotFound
    return found


def check_board(worker: Worker) -> None:
    """Raises NotAllowed where he may not read the board: what workers say there is not for requesters to read.

    A login that is both is kept out while it is a member of an organisation. Nothing keeps a requester from a second
    login that works: so it takes accepted answers too.
    """
    if worker.state != WorkerState.ACTIVE:
        raise NotAllowed(_("The board is for workers whose account is open for work."))
    if Membership.objects.filter(user=worker.user_id).exists():
        raise NotAllowed(_("Requesters do not read the workers' board, and you belong to an organisation that posts."))
    if worker.accepted_count < settings.CROWD_BOARD_ANSWERS:
        raise NotAllowed(
            _("The board opens to you with %(most)d accepted answers; you have %(now)d.")
            % {"most": settings.CROWD_BOARD_ANSWERS, "now": worker.accepted_count}
        )


def topic_for(worker: Worker, topic_id: int) -> Topic:
    """Also a hidden one: its posts say why. Raises NotAllowed, NotFound."""
    check_board(worker)
    return _there(Topic.objects.filter(pk=topic_id))


def topic_for_staff(user: User, topic_id: int) -> Topic:
    require_staff(user)
    return _there(Topic.objects.filter(pk=topic_id))


def post_for(worker: Worker, post_id: int, *, own: bool = False) -> Post:
    """Anybody's, or with `own` only his. Raises NotAllowed, NotFound."""
    check_board(worker)
    rows = Post.objects.select_related("topic", "worker").filter(pk=post_id)
    return _there(rows.filter(worker=worker) if own else rows)


def _there(rows: QuerySet[Row_]) -> Row_:
    found = rows.first()
    if found is None:
        raise NotFound
    return found
