"""Jobs of this app. Each finds its own work in the database, so a lost or doubled message changes nothing."""

from celery import shared_task

from crowd.kernel import hints
from crowd.notices.services import letters


@shared_task(name="notices.sweep")
def sweep() -> None:
    """Every letter to a job of its own, so that a slow mail server holds up no other."""
    letters.collect()
    for letter_id in letters.due():
        hints.send("notices.send", letter_id)


@shared_task(name="notices.send")
def send(letter_id: int) -> None:
    letters.send(letter_id)
