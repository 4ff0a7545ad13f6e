"""What a worker has typed into a test and not handed in, kept beside his browser's own copy. It is never graded."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotFound
from qualifications.errors import AttemptOver
from qualifications.models import Attempt
from qualifications.states import AttemptState
from workers.models import Worker

MAX_BYTES = 128 * 1024
NOTHING: dict[str, Any] = {"fields": {}, "revision": 0}


def save_draft(*, worker: Worker, attempt_id: int, fields: Mapping[str, Sequence[str]]) -> int:
    """The newest state of his page wins; its revision, by which another window knows that it is behind.

    Raises NotFound, AttemptOver (handed in, or its time is over), BadInput (too large).
    """
    if len(json.dumps(fields)) > MAX_BYTES:
        raise BadInput(errors={"fields": f"At most {MAX_BYTES:,} bytes."})
    with transaction.atomic(durable=True):
        mine = Attempt.objects.select_for_update(no_key=True).filter(worker=worker, pk=attempt_id).first()
        if mine is None:
            raise NotFound
        if mine.state != AttemptState.ACTIVE or mine.deadline < clock.now():
            raise AttemptOver(deadline=mine.deadline)
        revision = draft_of(mine)["revision"] + 1
        mine.draft = {"fields": dict(fields), "revision": revision}
        mine.save(update_fields=["draft"])
    return int(revision)


def draft_of(attempt: Attempt) -> dict[str, Any]:
    return attempt.draft or NOTHING


def forget(*, attempt_id: int) -> None:
    """After it was handed in: what was typed on the way is nobody's business."""
    Attempt.objects.filter(pk=attempt_id).update(draft=None)
