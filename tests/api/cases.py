"""Every address with every method: who may, what he sends, and what he is answered. Two tests read this table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests import make_project
from tests.api.world import PROFILE, TEST, World, rule

Body = Callable[[World], Any]


@dataclass(frozen=True)
class Case:
    """`place` names the ids of the address that are not what they are called in the world."""

    method: str
    name: str
    by: str
    status: int = 200
    body: Any = None
    place: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    form: bool = False
    public: bool = False  # the thing is there for everybody

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def of(name: str) -> Body:
    return lambda world: world.ids[name]


def file(name: str, text: str) -> Body:
    return lambda world: SimpleUploadedFile(name, text.encode())


RULE = rule("warn")
WHY = {"reason": "Because."}
GRANT = {"worker": of("pseudonym"), "value": 50}
MONEY = {"amount": "1.00", "currency": "USD"}
DRAFT = {"project_id": "draft"}
PAUSED = {"project_id": "paused"}
WAITING = {"project_id": "paused", "task_id": "waiting_task"}
SHOWN = {"qualification_id": "shown_qualification"}
TRAINING = {"qualification_id": "training"}
HELD = {"assignment_id": "held"}
MISSED = {"assignment_id": "missed"}
GOLD = {"task_id": "gold_task"}
SUBMITTED = {"assignment_id": "submitted"}

PEOPLE = [
    Case("get", "me", "owner"),
    Case("get", "my-data", "owner"),
    Case("get", "my-terms", "worker"),
    Case("post", "my-terms", "worker", 200, {"terms": of("terms"), "privacy": of("privacy")}),
    Case("post", "close-account", "worker", 204),
    Case("post", "erase-account", "newcomer", 204),
    Case("get", "notices", "worker"),
    Case("post", "read-notices", "worker", 200, {"notices": [of("notice_id")]}),
    Case("get", "notice-choices", "worker"),
    Case("patch", "notice-choices", "worker", 200, {"choices": {"paused": "site", "bonus": "none"}}),
    Case("get", "tickets", "worker"),
    Case("post", "tickets", "owner", 201, {"category": "other", "subject": "Help", "text": "Please."}),
    Case("get", "promises", "owner"),
    Case("get", "ticket", "worker"),
    Case("post", "reply", "worker", 201, {"text": "But?"}),
    Case("post", "close-ticket", "worker"),
    Case("get", "worker", "worker"),
    Case("post", "worker", "newcomer", 201, {"country": "FR", "adult": True}),
    Case("put", "worker", "worker", 200, {"country": "US", "subdivision": "US-CA"}),
    Case("put", "worker-wishes", "worker", 200, {"time_percent": 150, "shown_warnings": ["medical"]}),
    Case("get", "api-keys", "owner"),
    Case("post", "api-keys", "owner", 201, {"name": "new", "scopes": ["read"]}),
    Case("delete", "api-key", "owner", 204),
    Case("get", "organisations", "owner"),
    Case("post", "organisations", "newcomer", 201, {"name": "New"}),
    Case("post", "accept-invitation", "newcomer", 200, {"token": of("token")}),
    Case("get", "organisation", "colleague"),
    Case("patch", "organisation", "owner", 200, {"name": "Renamed"}),
    Case("get", "members", "colleague"),
    Case("patch", "member", "owner", 200, {"role": "owner"}),
    Case("delete", "member", "owner", 204),
    Case("get", "invitations", "owner"),
    Case("post", "invitations", "owner", 201, {"email": "third@example.org"}),
    Case("delete", "invitation", "owner", 204),
    Case("get", "organisation-audit", "colleague"),
]
WORK = [
    Case("get", "offers", "worker"),
    Case("get", "offer", "worker"),
    Case("get", "offer-tasks", "worker"),
    Case("get", "offer-questions", "worker"),
    Case("post", "offer-questions", "worker", 201, {"text": "Why?"}),
    Case("get", "my-threads", "worker"),
    Case("post", "report-message", "worker", 201, WHY),
    Case("get", "offer-messages", "worker"),
    Case("post", "offer-messages", "worker", 201, {"text": "Why?", "assignment": of("held")}),
    Case("post", "offer-messages-read", "worker", 204),
    Case("put", "offer-mute", "worker", 200, WHY),
    Case("delete", "offer-mute", "worker", 204),
    Case("get", "participations", "worker"),
    Case("post", "join-team", "stranger_worker", 200, {"token": of("team_token")}),
    Case("post", "next", "worker"),
    Case("post", "take", "other_team_worker", 200),
    Case("get", "assignments", "worker"),
    Case("get", "assignment", "worker", place=HELD),
    Case("get", "assignment-labels", "worker", 404, place=HELD),
    Case("post", "submit", "worker", 200, {"value": {"mood": "bad"}, "active_ms": 5}, HELD),
    Case("post", "return", "worker", 200, {"reason": "too_hard"}, HELD),
    Case("post", "contest", "worker", 201, {"text": "It is ironic."}, MISSED),
    Case("post", "decline-rework", "worker", place=HELD),
    Case("post", "next-review", "worker"),
    Case("get", "my-review", "worker"),
    Case("post", "decide-review", "worker", 200, {"verdicts": [], "value": {"mood": "good"}}),
    Case("get", "appeals", "worker"),
    Case("post", "appeals", "worker", 201, {"rejection": of("second_rejection"), "text": "It was right."}),
    Case("put", "rate-requester", "worker", 200, {"pay": 4, "clarity": 5, "fairness": 3}),
    Case("get", "requester-record", "worker"),
    Case("get", "rejections", "worker"),
    Case("get", "my-reports", "worker"),
    Case("get", "my-firings", "worker"),
    Case("post", "contest-firing", "worker", 200, {"text": "No."}, {"firing_id": "told"}),
    Case("post", "report", "worker", 201, {"kind": "broken", "text": "No picture."}),
    Case("get", "earnings", "worker"),
    Case("get", "earnings-statement", "worker", query="currency=USD"),
    Case("get", "payout-profile", "worker"),
    Case("put", "payout-profile", "worker", 200, PROFILE | {"address": "Street 2, Town"}),
    Case("get", "payouts", "worker"),
    Case("post", "payouts", "worker", 201, MONEY),
    Case("get", "payout", "worker", place={"payout_id": "payout"}),
]
QUALIFICATIONS = [
    Case("get", "qualifications", "worker"),
    Case("get", "my-grants", "worker"),
    Case("get", "attempts", "worker"),
    Case("post", "submit-attempt", "worker", 200, {"answers": [{"mood": "good"}]}),
    Case("post", "answer-item", "worker", 200, {"item": 0, "answer": {"mood": "good"}}, {"attempt_id": "lesson"}),
    Case("get", "record", "worker"),
    Case("post", "record", "worker", 400, {"record": {"payload": "x"}}),
    Case("get", "my-skills", "worker"),
    Case("get", "my-requests", "worker"),
    Case("post", "withdraw-request", "worker"),
    Case("post", "grant-request", "colleague", 200, {"value": 60}),
    Case("post", "refuse-request", "colleague", 200, WHY),
    Case("get", "request-document", "staff", place={"request_id": "document_request"}),
    Case("get", "test", "other_team_worker", place=SHOWN, public=True),
    Case("get", "requests", "colleague"),
    Case("post", "requests", "other_team_worker", 201, {"message": "Me!"}, TRAINING, form=True, public=True),
    Case("get", "qualification", "colleague"),
    Case("patch", "qualification", "colleague", 200, {"description": "Better said."}),
    Case("post", "start-attempt", "other_team_worker", 201, place=SHOWN, public=True),
    Case("get", "grants", "colleague"),
    Case("post", "grants", "colleague", 200, GRANT),
    Case("post", "revoke-grant", "colleague", 200, WHY | {"worker": of("pseudonym")}),
    Case("post", "grant-file", "colleague", 200, {"file": file("g.csv", "worker,value\n")}, form=True),
    Case("get", "tests", "colleague"),
    Case("post", "tests", "colleague", 201, TEST | {"pass_mark": 60, "time_limit_s": 60}),
    Case("get", "organisation-qualifications", "colleague"),
    Case("post", "organisation-qualifications", "colleague", 201, {"name": "Birds"}),
]
PROJECTS = [
    Case("get", "projects", "colleague"),
    Case("post", "projects", "colleague", 201, {"title": "T", "reward_micros": 10_000}),
    Case("get", "project", "colleague"),
    Case("patch", "project", "colleague", 200, {"title": "Better"}),
    Case("get", "price", "colleague"),
    Case("get", "progress", "colleague"),
    Case("get", "cost", "colleague"),
    Case("post", "publish", "colleague", place=DRAFT),
    Case("post", "pause", "colleague", 200, WHY),
    Case("post", "resume", "colleague", place=PAUSED),
    Case("post", "close", "colleague", 200, WHY),
    Case("post", "discard", "colleague", place=DRAFT),
    Case("post", "budget", "colleague", 200, {"reserve": "extra", "amount": "1.00"}),
    Case("post", "review-again", "colleague", place={"project_id": "refused_project"}),
    Case("get", "config", "colleague"),
    Case("put", "config", "colleague", 200, {"config": make_project.CHOICE}, DRAFT),
    Case("get", "guidelines", "colleague", 404),
    Case("put", "guidelines", "colleague", 200, {"text": "Look twice."}),
    Case("get", "requirements", "colleague"),
    Case(
        "put",
        "requirements",
        "colleague",
        200,
        {"requirements": [{"qualification": of("qualification_id"), "comparator": "Exists"}]},
    ),
    Case("get", "tiers", "colleague"),
    Case(
        "put",
        "tiers",
        "colleague",
        200,
        lambda world: {
            "tiers": [
                {
                    "name": "Specialists",
                    "reward": "0.10",
                    "budget": "1.00",
                    "expert_calls": 2,
                    "requirements": [{"qualification": world.ids["qualification_id"], "comparator": "Exists"}],
                }
            ]
        },
        DRAFT,
    ),
    Case("get", "exclusions", "colleague"),
    Case("put", "exclusions", "colleague", 200, {"projects": [of("paused")]}),
    Case("get", "team", "colleague"),
    Case("delete", "team-member", "colleague", 204, {}),
    Case("get", "team-invitations", "colleague"),
    Case("post", "team-invitations", "colleague", 201, {"uses": 3}),
    Case("delete", "team-invitation", "colleague", 204, place={"invitation_id": "link"}),
    Case("get", "items", "colleague"),
    Case("post", "items", "colleague", 201, {"rows": [{"text": "one more"}]}),
    Case("delete", "items", "colleague", 200, place=DRAFT),
    Case("delete", "item", "colleague", 204, place=DRAFT | {"item_id": "item"}),
    Case("get", "uploads", "colleague"),
    Case("post", "uploads", "colleague", 202, {"file": file("i.csv", "text\nx\n"), "format": "csv"}, form=True),
    Case("get", "upload", "colleague"),
    Case("get", "tasks", "colleague"),
    Case("get", "task", "colleague"),
    Case("post", "ask-again", "colleague", 200, WHY, WAITING),
    Case("post", "close-task", "colleague", 200, WHY, WAITING),
    Case("get", "gold", "colleague"),
    Case("get", "proposed-gold", "colleague"),
    Case("get", "gold-revisions", "colleague"),
    Case("post", "make-gold", "colleague", 201, {"key": "good", "gold_reason": "It says so."}),
    Case("post", "correct-gold", "colleague", 201, {"key": "bad", "why": "It is ironic."}, GOLD),
    Case("post", "retire-gold", "colleague", 201, {"why": "Nobody can tell."}, GOLD),
    Case("post", "keep-gold", "colleague", 200, {"reply": "It says so."}, GOLD),
]
RESULTS = [
    Case("get", "project-assignments", "colleague"),
    Case("get", "project-assignment", "colleague", place=SUBMITTED),
    Case("post", "accept", "colleague", 200, {"assignments": [of("submitted")]}),
    Case("post", "reject", "colleague", 200, WHY | {"assignments": [of("submitted")]}),
    Case("get", "proposals", "colleague"),
    Case("post", "follow-proposals", "colleague", 200, WHY | {"proposals": [of("proposal")]}),
    Case("post", "dismiss-proposals", "colleague", 200, {"proposals": [of("proposal")]}),
    Case("get", "review-plan", "colleague"),
    Case("put", "review-plan", "colleague", 200, {"share": "0.1", "reward": "0.05"}),
    Case("get", "reviewers", "colleague"),
    Case("post", "reviewers", "colleague", 201, {"worker": of("pseudonym")}),
    Case("delete", "reviewer", "colleague", 204),
    Case("get", "project-reviews", "colleague"),
    Case("get", "project-appeals", "colleague"),
    Case("post", "give-in", "colleague", 200, WHY),
    Case("get", "project-held-batches", "colleague"),
    Case("get", "project-workers", "colleague"),
    Case("get", "project-worker", "colleague"),
    Case("post", "pause-worker", "colleague", 200, WHY),
    Case("post", "lift-worker", "colleague", 200, WHY, {"pseudonym": "paused_pseudonym"}),
    Case("get", "project-threads", "colleague"),
    Case("get", "worker-messages", "colleague"),
    Case("post", "worker-messages", "colleague", 201, {"text": "So."}),
    Case("post", "worker-messages-read", "colleague", 204),
    Case("put", "worker-mute", "colleague", 200, WHY),
    Case("delete", "worker-mute", "colleague", 204),
    Case("put", "guidelines-parts", "colleague", 200, {"intro": "Look.", "labels": []}),
    Case("get", "guidelines-effects", "colleague"),
    Case("get", "project-labels", "colleague", 404),
    Case("post", "config-changes", "colleague", 200, {"config": make_project.CHOICE, "only_look": True}),
    Case("get", "guidelines-reopening", "colleague"),
    Case("post", "guidelines-reopening", "colleague", 409, {"at_most_micros": 0}),
    Case("get", "questions", "colleague"),
    Case("post", "answer-question", "colleague", 200, {"text": "Yes."}),
    Case("get", "disagreements", "colleague"),
    Case("get", "rulings", "colleague"),
    Case(
        "post",
        "rulings",
        "colleague",
        409,
        {"question": "mood", "one": "good", "other": "bad", "decided": "bad", "text": "So."},
    ),
    Case("get", "rules", "colleague"),
    Case("post", "rules", "colleague", 201, RULE),
    Case("get", "rule", "colleague"),
    Case("put", "rule", "colleague", 200, RULE),
    Case("delete", "rule", "colleague", 204),
    Case("get", "rule-dry-run", "colleague"),
    Case("post", "rule-on", "colleague", 200, {}),
    Case("post", "rule-off", "colleague", 200, place={"rule_id": "rule_on"}),
    Case("get", "firings", "colleague"),
    Case("post", "decide-firing", "colleague", 200, WHY | {"follow": True}),
    Case("post", "answer-contest", "colleague", 200, {"undo": True, "text": "Right."}, {"firing_id": "contested"}),
    Case("post", "give-bonus", "colleague", 201, {"amount": "0.50", "reason": "Thorough."}),
    Case("get", "bonuses", "colleague"),
    Case("get", "consensus", "colleague"),
    Case("get", "runs", "colleague"),
    Case("post", "runs", "colleague", 202),
    Case("get", "bias", "colleague", query="question=mood"),
    Case("post", "bias", "colleague", 202, {"question": "mood", "column": "text"}),
    Case("get", "bias-file", "colleague", query="question=mood"),
    Case("get", "export", "colleague"),
    Case("get", "exports", "colleague"),
    Case("post", "exports", "colleague", 202, {"of": "answers", "as": "jsonl"}),
    Case("get", "export-status", "colleague"),
    Case("get", "export-file", "colleague"),
]
PURSE = [
    Case("get", "balances", "colleague"),
    Case("get", "statement", "colleague", query="currency=USD"),
    Case("get", "deposits", "colleague"),
    Case("get", "withdrawals", "colleague"),
    Case("post", "withdrawals", "owner", 201, MONEY),
    Case("post", "test-money", "owner", 201, {"amount": "5"}),
    Case("get", "blocks", "colleague"),
    Case("post", "blocks", "colleague", 201, WHY | {"worker": of("pseudonym")}),
    Case("delete", "block", "colleague", 204),
]
STAFF = [
    Case("get", "staff-deposits", "staff"),
    Case("post", "staff-deposits", "staff", 201, MONEY | {"organisation": of("organisation_id"), "reference": "b2"}),
    Case("post", "approve-deposit", "other_staff"),
    Case("post", "refuse-deposit", "other_staff", 200, WHY),
    Case("get", "staff-withdrawals", "staff"),
    Case("post", "confirm-withdrawal", "staff", 200, {"reference": "bank 3"}),
    Case("post", "refuse-withdrawal", "staff", 200, WHY),
    Case("get", "corrections", "staff"),
    Case("post", "corrections", "staff", 201, WHY | {"debit": of("purse"), "credit": of("account_id"), "amount": "1"}),
    Case("post", "approve-correction", "other_staff"),
    Case("post", "refuse-correction", "other_staff", 200, WHY),
    Case("get", "accounts", "staff"),
    Case("get", "account-statement", "staff"),
    Case("get", "trial-balance", "staff", query="currency=USD"),
    Case("get", "self-check", "staff"),
    Case("get", "staff-payouts", "staff"),
    Case("post", "confirm-payout", "staff", 200, {}, {"payout_id": "sent_payout"}),
    Case("post", "fail-payout", "staff", 200, WHY, {"payout_id": "sent_payout"}),
    Case("post", "refuse-payout", "staff", 200, WHY, {"payout_id": "payout"}),
    Case("get", "batches", "staff"),
    Case("post", "batches", "staff", 201, {"currency": "USD", "payouts": [of("payout")]}),
    Case("get", "batch", "staff", place={"batch_id": "open_batch"}),
    Case("post", "approve-batch", "other_staff", place={"batch_id": "open_batch"}),
    Case("post", "refuse-batch", "other_staff", 200, WHY, {"batch_id": "open_batch"}),
    Case("post", "send-batch", "staff", place={"batch_id": "approved_batch"}),
    Case("get", "batch-file", "staff", place={"batch_id": "sent_batch"}),
    Case(
        "post",
        "batch-results",
        "staff",
        200,
        {"file": lambda world: SimpleUploadedFile("r.csv", world.ids["results"])},
        {"batch_id": "sent_batch"},
        form=True,
    ),
    Case("get", "staff-workers", "staff"),
    Case("get", "staff-worker", "staff"),
    Case("post", "block-worker", "staff", 200, WHY),
    Case("post", "lift-block", "staff", 200, {}, {"block_id": "site_block"}),
    Case("get", "staff-tickets", "staff"),
    Case("get", "staff-ticket", "staff"),
    Case("post", "answer-ticket", "staff", 201, {"text": "So.", "close": True}),
    Case("get", "staff-thread", "staff"),
    Case("get", "complaints", "staff"),
    Case("post", "uphold-complaint", "staff", 200, WHY),
    Case("post", "dismiss-complaint", "staff", 200, WHY),
    Case("get", "staff-firings", "staff"),
    Case("post", "decide-site-firing", "staff", 200, WHY | {"follow": False}, {"firing_id": "site_firing"}),
    Case("get", "reviews", "staff"),
    Case("get", "reports", "staff"),
    Case("post", "pass-project", "staff", 200, {"note": "Fine."}, {"project_id": "waiting_project"}),
    Case("post", "refuse-project", "staff", 200, WHY, {"project_id": "waiting_project"}),
    Case("post", "stop-project", "staff", 200, WHY),
    Case("post", "dismiss-reports", "staff", 200, {"note": "Seen."}),
    Case("get", "staff-appeals", "staff"),
    Case("post", "grant-appeal", "staff", 200, WHY),
    Case("post", "uphold-appeal", "staff", 200, WHY),
    Case("get", "held-batches", "staff"),
    Case("post", "pass-batch", "staff", 200, {"note": "Fine."}),
    Case("post", "refuse-held-batch", "staff", 200, {"note": "Not so."}),
    Case("get", "staff-rejections", "staff"),
    Case("post", "overturn", "staff", 200, WHY, {"assignment_id": "second_rejected"}),
    Case("get", "audit", "staff"),
    Case("post", "staff-member", "superuser", 200, WHY),
    Case("delete", "staff-member", "superuser", 200, WHY),
    Case("get", "site-qualifications", "staff"),
    Case("post", "site-qualifications", "staff", 201, {"name": "Of the site"}),
]
CASES = [*PEOPLE, *WORK, *QUALIFICATIONS, *PROJECTS, *RESULTS, *PURSE, *STAFF]
# The address itself is the key: whoever has it may; or everybody may know.
OPEN_TO_ALL = {"media", "record-key", "label-config-schema", "schema", "docs", "nowhere"}
