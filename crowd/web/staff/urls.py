"""Addresses of the staff's pages, below /staff/."""

from django.urls import URLPattern, path, register_converter
from django.urls.converters import IntConverter

from crowd.web.staff import (
    announcements,
    appeals,
    batches,
    books,
    corrections,
    evidence,
    help,
    money,
    payouts,
    people,
    projects,
    requesters,
    results,
    rules,
    site,
    skills,
    talk,
    today,
)


class RowIdConverter(IntConverter):
    """Ids that no table could hold do not match."""

    regex = "[0-9]{1,18}"


register_converter(RowIdConverter, "row")
app_name = "staff"

MONEY = [
    path("deposits/", money.deposit_list, name="deposits"),
    path("deposits/new/", money.new_deposit, name="new-deposit"),
    path("deposits/approve/", money.approve_deposits, name="approve-deposits"),
    path("deposits/<row:deposit_id>/", money.deposit, name="deposit"),
    path("withdrawals/", money.withdrawal_list, name="withdrawals"),
    path("withdrawals/<row:withdrawal_id>/", money.withdrawal, name="withdrawal"),
    path("corrections/", corrections.correction_list, name="corrections"),
    path("corrections/new/", corrections.new_correction, name="new-correction"),
    path("corrections/<row:correction_id>/", corrections.correction, name="correction"),
    path("payouts/", payouts.payout_list, name="payouts"),
    path("payouts/<row:payout_id>/", payouts.payout, name="payout"),
    path("payouts/batches/", batches.batch_list, name="batches"),
    path("payouts/batches/new/", batches.new_batch, name="new-batch"),
    path("payouts/batches/<row:batch_id>/", batches.batch, name="batch"),
    path("payouts/batches/<row:batch_id>/file/", batches.batch_file, name="batch-file"),
    path("payouts/batches/<row:batch_id>/results/", results.batch_results, name="batch-results"),
    path("ledger/", books.trial_balance, name="ledger"),
    path("ledger/accounts/", books.account_list, name="accounts"),
    path("ledger/accounts/<row:account_id>/", books.account, name="account"),
    path("ledger/transfers/", books.transfer_list, name="transfers"),
    path("ledger/transfers/<row:transfer_id>/", books.transfer, name="transfer"),
]
PEOPLE = [
    path("workers/", people.worker_list, name="workers"),
    path("workers/block/", people.block_workers, name="block-workers"),
    path("workers/<row:worker_id>/", people.worker, name="worker"),
    path("workers/<row:worker_id>/projects/<row:project_id>/", evidence.participation, name="participation"),
    path("appeals/", appeals.appeal_list, name="appeals"),
    path("appeals/<row:appeal_id>/", appeals.appeal, name="appeal"),
    path("rejections/batches/<row:held_batch_id>/", appeals.held_batch, name="held-batch"),
    path("rejections/<row:rejection_id>/", evidence.rejection, name="rejection"),
    path("requesters/", requesters.requester_list, name="requesters"),
    path("requesters/<row:organisation_id>/", requesters.requester, name="requester"),
    path("requesters/reviews/", requesters.review_list, name="reviews"),
    path("requesters/reports/", requesters.report_list, name="reports"),
    path("projects/<row:project_id>/", projects.project, name="project"),
    path("help/", help.ticket_list, name="help"),
    path("help/<row:ticket_id>/", help.ticket, name="ticket"),
    path("complaints/", talk.complaint_list, name="complaints"),
    path("complaints/<row:complaint_id>/", talk.complaint, name="complaint"),
    path("announcements/", announcements.announcement_list, name="announcements"),
    path("announcements/new/", announcements.new_announcement, name="new-announcement"),
    path("announcements/<row:announcement_id>/", announcements.announcement, name="announcement"),
    path("board/", talk.topic_list, name="board"),
    path("board/<row:topic_id>/", talk.topic, name="topic"),
    path("threads/<row:thread_id>/", talk.thread, name="thread"),
    path("rules/", rules.rule_list, name="rules"),
    path("rules/<row:firing_id>/", rules.rule, name="rule"),
    path("qualifications/", skills.qualification_list, name="qualifications"),
    path("qualifications/new/", skills.new_qualification, name="new-qualification"),
    path("requests/<row:request_id>/document/", skills.document, name="request-document"),
    path("qualifications/<row:qualification_id>/", skills.qualification, name="qualification"),
]

urlpatterns: list[URLPattern] = [
    path("", today.today, name="today"),
    *MONEY,
    *PEOPLE,
    path("jobs/", site.jobs, name="jobs"),
    path("audit/", site.audit, name="audit"),
]
