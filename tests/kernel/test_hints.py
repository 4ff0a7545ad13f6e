"""A broker that is down holds up nobody."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import transaction

from crowd.kernel import hints

ROOT = Path(__file__).resolve().parents[2]
NOBODY_LISTENS = "redis://127.0.0.1:1/0"
SEND = """
import socket, django; django.setup()
from crowd.kernel import hints
connect, tries = socket.socket.connect, []
socket.socket.connect = lambda self, where: tries.append(where) or connect(self, where)
print(hints.send("tests.note", 1), len(tries))
"""


def test_a_stopped_broker_is_tried_twice_and_costs_a_log_line() -> None:
    environment = os.environ | {"CELERY_BROKER_URL": NOBODY_LISTENS, "DJANGO_SETTINGS_MODULE": "tests.settings"}

    done = subprocess.run([sys.executable, "-c", SEND], env=environment, cwd=ROOT, capture_output=True, text=True)
    sent, tries = done.stdout.split()

    assert sent == "False"
    assert tries == "2"  # nobody who waits for his page waits for more
    assert "tests.note waits for its sweep" in done.stderr


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_transaction_hints_at_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[object, ...]] = []
    monkeypatch.setattr(hints, "send", lambda job, *arguments: sent.append((job, *arguments)))

    with transaction.atomic():
        hints.after_commit("tests.note", 1)
        transaction.set_rollback(True)
    with transaction.atomic():
        hints.after_commit("tests.note", 2)
        assert sent == []

    assert sent == [("tests.note", 2)]
