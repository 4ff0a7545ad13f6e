"""What is there before the clock runs, made by the site's own services: so `verify` has nothing to say about it.

People who agreed to the terms, hold the qualification and are signed in; projects whose items came in by an import
(COPY), with gold, a quiz, guidelines, a requirement, a minimum accuracy and a question that is validated.
"""

from decimal import Decimal
from io import BytesIO
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils.crypto import get_random_string

from bench.marketplace.drive import ANSWER, Person
from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.kernel import money
from crowd.ledger.services import deposits
from crowd.projects import queries
from crowd.projects.models import Project
from crowd.projects.services import config, draft, publish, requirements, uploads
from crowd.users.models import Organisation, User
from crowd.users.services import api_keys, organisations, terms
from crowd.users.states import Scope
from qualifications.models import Qualification
from qualifications.requirements import Condition
from qualifications.services import grants
from qualifications.states import Comparator
from workers.models import Worker
from workers.services.profile import become_worker
from workers.services.pseudonyms import pseudonym_for

REDUNDANCY = 3
GOLD = 500
QUIZ = 3
MOST_WORKERS = 64
REWARD_MICROS = 10_000
CONFIG: dict[str, Any] = {
    "data": {"kind": "text", "field": "text"},
    "questions": [{"id": "mood", "kind": "choice", "text": "How does it feel?", "labels": ["good", "bad", "neither"]}],
}
GUIDELINES = "# Moods\n\nRead the whole sentence. **Neither** is for those that say nothing about how somebody feels."


class World:
    """The requester with his organisation and its qualification, and the workers who hold it."""

    def __init__(self, workers: int) -> None:
        self.requester = _user("requester")
        self.organisation: Organisation = organisations.create_organisation(actor=self.requester, name="Benchmark")
        self.skilled = Qualification.objects.create(organisation=self.organisation, name="Reads moods")
        self.workers: list[Worker] = [self._worker(number) for number in range(workers)]
        self.people = [_signed_in(worker.user) for worker in self.workers]

    def _worker(self, number: int) -> Worker:
        worker = become_worker(user=_user(f"worker{number}"), country="DE")
        known_as = pseudonym_for(self.organisation, worker)
        grants.grant(actor=self.requester, qualification_id=self.skilled.pk, worker=known_as, value=90)
        return Worker.objects.select_related("user").get(pk=worker.pk)

    def project(self, tasks: int) -> int:
        """A published project of so many tasks and the gold besides; its id."""
        gold = min(GOLD, max(QUIZ, tasks // 4))
        project_id = self.draft(f"Moods of {tasks:,}")
        for file in (rows(tasks, 0), rows(0, gold)):  # a file of a million rows is as large as one may be
            self.add(project_id, file)
        self.publish(project_id)
        return project_id

    def draft(self, title: str) -> int:
        project = draft.create(
            actor=self.requester,
            organisation=self.organisation,
            title=title,
            currency=money.TEST_CURRENCY,
            reward_micros=REWARD_MICROS,
            redundancy=REDUNDANCY,
            gold_share=Decimal("0.1"),
            quiz_length=QUIZ,
            quiz_cap=MOST_WORKERS,
            minimum_accuracy=Decimal("0.7"),
        )
        at: dict[str, Any] = {"actor": self.requester, "project_id": project.pk}
        config.set_config(**at, config=CONFIG)
        config.set_guidelines(**at, text=GUIDELINES)
        demanded = Condition(qualification=self.skilled, comparator=Comparator.GREATER_THAN_OR_EQUAL, values=(80,))
        requirements.set_requirements(**at, conditions=[demanded])
        return project.pk

    def add(self, project_id: int, file: bytes) -> None:
        """An upload, received and worked through."""
        at: dict[str, Any] = {"actor": self.requester, "project_id": project_id}
        upload = uploads.receive(**at, stream=BytesIO(file), filename="moods.csv", format="csv")
        upload = uploads.process(upload_id=upload.pk)
        assert upload.state == "done", upload.errors

    def publish(self, project_id: int) -> None:
        """With as much test money as it needs."""
        total = queries.price(Project.objects.get(pk=project_id)).total_micros
        deposits.add_test_money(actor=self.requester, organisation_id=self.organisation.pk, amount_micros=total)
        publish.publish(actor=self.requester, project_id=project_id, checked=True)

    def answer(self, number: int, project_id: int, answers: int) -> None:
        """So many answers of one worker, without the web server."""
        worker = self.workers[number]
        held = take.take_next(worker=worker, project_id=project_id, guidelines_read=1)
        for _answer in range(answers):
            done = submit(worker=worker, assignment_id=held.pk, value={"mood": ANSWER}, attempt=1)
            assert done.next is not None, done.ended
            held = done.next


def rows(tasks: int, gold: int) -> bytes:
    """A file of sentences; those at its end have a known answer."""
    lines = [f"How does sentence {number} feel?,," for number in range(tasks)]
    lines += [f"How does sentence {number} of those that we know feel?,{ANSWER},It says so." for number in range(gold)]
    return "\n".join(["text,gold,gold_reason", *lines, ""]).encode()


def _user(name: str) -> User:
    user = User.objects.create_user(f"{name}.{get_random_string(8)}@bench.invalid".lower())
    terms.accept_current(user=user, adult=True)
    return user


def _signed_in(user: User) -> Person:
    """A session as the sign-in form makes it, and a key for programs."""
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    _key, secret = api_keys.create(user=user, name="bench", scopes=[Scope.READ, Scope.WORK])
    return Person(f"{settings.SESSION_COOKIE_NAME}={session}", get_random_string(32), secret)
