"""The database session of a long command."""

from django.db import connection


def without_waiting_for_the_disk() -> None:
    """Whoever loses this session's last second to a power cut simply starts the command again: it alone need not wait
    for the disk at every commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
