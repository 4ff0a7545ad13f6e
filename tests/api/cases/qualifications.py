"""Qualifications, their tests, and who asks for them."""

from tests.api.cases.case import GRANT, SHOWN, TRAINING, WHY, Case, file, of
from tests.api.world import TEST

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
    Case("get", "test-pay", "colleague"),
    Case("put", "test-pay", "colleague", 200, {"currency": "USD", "reward": "0.05", "add": "0.06"}),
    Case("post", "test-pay-return", "colleague", 200),
    Case("get", "requests", "colleague"),
    Case("post", "requests", "other_team_worker", 201, {"message": "Me!"}, TRAINING, form=True, public=True),
    Case("get", "qualification", "colleague"),
    Case("patch", "qualification", "colleague", 200, {"description": "Better said."}),
    Case("post", "start-attempt", "other_team_worker", 201, {"pays": "0"}, SHOWN, public=True),
    Case("get", "grants", "colleague"),
    Case("post", "grants", "colleague", 200, GRANT),
    Case("post", "revoke-grant", "colleague", 200, WHY | {"worker": of("pseudonym")}),
    Case("post", "grant-file", "colleague", 200, {"file": file("g.csv", "worker,value\n")}, form=True),
    Case("get", "tests", "colleague"),
    Case("post", "tests", "colleague", 201, TEST | {"pass_mark": 60, "time_limit_s": 60}),
    Case("get", "organisation-qualifications", "colleague"),
    Case("post", "organisation-qualifications", "colleague", 201, {"name": "Birds"}),
]
