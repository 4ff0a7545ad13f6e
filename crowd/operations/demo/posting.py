"""What the requester posts: a pilot, the main project, and a draft that somebody may finish."""

import csv
from collections.abc import Collection, Mapping, Sequence
from io import BytesIO
from itertools import chain, count
from pathlib import Path
from random import Random
from typing import Any

from crowd.operations.demo.cast import UNIT, Cast, deposit
from crowd.operations.demo.crowd import QUESTION
from crowd.operations.demo.digits import LABELS, Digit, zip_of
from crowd.projects import queries
from crowd.projects.models import Project
from crowd.projects.services import config, draft, items, publish, uploads
from crowd.projects.states import ImportState, PayPolicy, ProjectState

SEED = Path(__file__).parent / "seed"
TITLE = "Handwritten digits"
DRAFT_TITLE = "Do they like it?"
CENT = 10_000
DAY_S = 24 * 3600
QUIZ = 5
GOLD_SHARE = 0.1
SPARE = 0.9  # beside the price: for slots that are offered again, and for what is added later
LABEL_CONFIG = {
    "data": {"kind": "image", "field": "image"},
    "questions": [
        {
            "id": QUESTION,
            "kind": "choice",
            "text": "Which digit is this?",
            "labels": [{"name": label, "key": label} for label in LABELS],
        }
    ],
}
REVIEW_CONFIG = {
    "data": {"kind": "text", "field": "text"},
    "questions": [
        {"id": "likes", "kind": "choice", "text": "Does the writer like the thing?", "labels": ["yes", "no", "mixed"]},
        {"id": "why", "kind": "text", "text": "Which words told you?", "required": False},
    ],
}


def pilot(cast: Cast, digits: Sequence[Digit], random: Random) -> Project:
    """A small project without a quiz, paid at once; money set aside for extra answers comes back when it closes."""
    project = _digits_draft(cast, "pilot", pay_policy=PayPolicy.AT_ONCE, extra_budget_micros=2 * UNIT)
    add_digits(cast, project, digits, choose_gold(digits, 2, random), random)
    return funded(cast, project)


def main(cast: Cast, digits: Sequence[Digit], random: Random) -> Project:
    """Two thirds of its items and all of its gold; the rest comes later (`add_digits`)."""
    project = _digits_draft(
        cast,
        "",
        pay_policy=PayPolicy.CONSENSUS,
        pay_threshold="0.95",
        minimum_accuracy="0.7",
        quiz_length=QUIZ,
        quiz_cap=len(cast.crowd) + 20,
    )
    add_digits(cast, project, digits, choose_gold(digits, QUIZ, random), random)
    return funded(cast, project)


def draft_of_reviews(cast: Cast) -> Project:
    """Another kind of data, ready to be published; one is enough."""
    own = Project.objects.filter(organisation=cast.organisation, title=DRAFT_TITLE, state=ProjectState.DRAFT)
    if (found := own.first()) is not None:
        return found
    project = draft.create(
        actor=cast.requester,
        organisation=cast.organisation,
        title=DRAFT_TITLE,
        description="Reviews of things people bought, in one sentence each.",
        currency="USD",
        reward_micros=5 * CENT,
    )
    config.set_config(actor=cast.requester, project_id=project.pk, config=REVIEW_CONFIG)
    with (SEED / "reviews.csv").open(encoding="utf-8", newline="") as stream:
        rows: list[Mapping[str, Any]] = list(csv.DictReader(stream))
    items.add(actor=cast.requester, project_id=project.pk, rows=rows, options={"key_column": "key"})
    return project


def add_digits(cast: Cast, project: Project, digits: Sequence[Digit], gold: Collection[str], random: Random) -> None:
    add_files(cast, project, zip_of(digits, gold), "digits.zip", random)


def add_files(cast: Cast, project: Project, content: bytes, name: str, random: Random) -> None:
    """A zip through the same import as everybody's; it is worked through here, not by a job."""
    upload = uploads.receive(
        actor=cast.requester,
        project_id=project.pk,
        stream=BytesIO(content),
        filename=name,
        format="zip",
        options={"key_column": "key"},
    )
    upload = uploads.process(upload_id=upload.pk, rng=random)
    if upload.state != ImportState.DONE:
        raise RuntimeError(f"{name} was not imported: {upload.state} {upload.errors}")


def choose_gold(digits: Sequence[Digit], least: int, random: Random) -> frozenset[str]:
    """A share of the digits, at least so many."""
    wanted = max(least, round(len(digits) * GOLD_SHARE))
    return frozenset(digit.key for digit in random.sample(list(digits), wanted))


def _digits_draft(cast: Cast, suffix: str, **settings: Any) -> Project:
    project = draft.create(
        actor=cast.requester,
        organisation=cast.organisation,
        title=_free_title(cast, f"{TITLE}: {suffix}" if suffix else TITLE),
        description="Say which digit somebody wrote. Pictures of 8 × 8 points; one takes about three seconds.",
        currency="USD",
        reward_micros=2 * CENT,
        redundancy=3,
        time_limit_s=600,
        gold_share=str(GOLD_SHARE),
        auto_accept_s=3 * DAY_S,
        aggregate_every=200,
        **settings,
    )
    guidelines = (SEED / "guidelines.md").read_text(encoding="utf-8")
    config.set_config(actor=cast.requester, project_id=project.pk, config=LABEL_CONFIG)
    config.set_guidelines(actor=cast.requester, project_id=project.pk, text=guidelines)
    return project


def _free_title(cast: Cast, title: str) -> str:
    """Of a second run: "Handwritten digits (2)"."""
    names = set(Project.objects.filter(organisation=cast.organisation).values_list("title", flat=True))
    numbered = (f"{title} ({number})" for number in count(2))
    return next(name for name in chain([title], numbered) if name not in names)


def funded(cast: Cast, project: Project) -> Project:
    """Published, its price paid in before, and more (SPARE)."""
    project.refresh_from_db()
    total = queries.price(project).total_micros
    deposit(cast, round(total * (1 + SPARE)), reference=f"DEMO-{project.pk}")
    return publish.publish(actor=cast.requester, project_id=project.pk)
