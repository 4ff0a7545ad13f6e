"""Every address of the API. Ids that no table could hold do not match, and addresses end with a slash."""

from django.urls import URLPattern, path, re_path, register_converter
from django.urls.converters import IntConverter

from crowd.api import (
    api_keys,
    appeals,
    docs,
    earnings,
    gold,
    items,
    me,
    media,
    notices,
    offers,
    organisation_money,
    organisations,
    project_terms,
    project_workers,
    projects,
    qualifications,
    requester_assignments,
    results,
    reviews,
    staff_money,
    staff_payouts,
    staff_people,
    work,
)
from crowd.api.deeds import Endpoint


class IdConverter(IntConverter):
    regex = "[0-9]{1,18}"


register_converter(IdConverter, "id")
app_name = "api"


def at(address: str, view: type[Endpoint], name: str) -> URLPattern:
    return path(address, view.as_view(), name=name)


ORGANISATION = "organisations/<id:organisation_id>/"
PROJECT = "projects/<id:project_id>/"
QUALIFICATION = "qualifications/<id:qualification_id>/"

PEOPLE = [
    at("me/", me.MeView, "me"),
    at("me/data/", me.MeData, "my-data"),
    at("me/terms/", me.MeTerms, "my-terms"),
    at("me/close/", me.MeClose, "close-account"),
    at("me/erase/", me.MeErase, "erase-account"),
    at("notices/", notices.Notices, "notices"),
    at("notices/read/", notices.ReadMarks, "read-notices"),
    at("notices/choices/", notices.Choices, "notice-choices"),
    at("worker/", me.WorkerView, "worker"),
    at("worker/wishes/", me.WorkerWishes, "worker-wishes"),
    at("api-keys/", api_keys.ApiKeys, "api-keys"),
    at("api-keys/<id:key_id>/", api_keys.ApiKeyView, "api-key"),
    at("organisations/", organisations.Organisations, "organisations"),
    at("invitations/accept/", organisations.InvitationAcceptance, "accept-invitation"),
    at(ORGANISATION, organisations.OrganisationView, "organisation"),
    at(f"{ORGANISATION}members/", organisations.Members, "members"),
    at(f"{ORGANISATION}members/<id:user_id>/", organisations.Member, "member"),
    at(f"{ORGANISATION}invitations/", organisations.Invitations, "invitations"),
    at(f"{ORGANISATION}invitations/<id:invitation_id>/", organisations.InvitationView, "invitation"),
    at(f"{ORGANISATION}audit/", organisations.OrganisationAudit, "organisation-audit"),
]

WORK = [
    at("offers/", offers.Offers, "offers"),
    at("offers/<id:project_id>/", offers.Offer, "offer"),
    at("offers/<id:project_id>/tasks/", offers.OfferTasks, "offer-tasks"),
    at("participations/", offers.Participations, "participations"),
    at("teams/join/", offers.TeamJoining, "join-team"),
    at(f"{PROJECT}next/", work.Next, "next"),
    at(f"{PROJECT}tasks/<id:task_id>/take/", work.TaskTake, "take"),
    at("assignments/", work.MyAssignments, "assignments"),
    at("assignments/<id:assignment_id>/", work.MyAssignment, "assignment"),
    at("assignments/<id:assignment_id>/submit/", work.Submission, "submit"),
    at("assignments/<id:assignment_id>/return/", work.GiveBack, "return"),
    at("assignments/<id:assignment_id>/contest/", gold.Contesting, "contest"),
    at("appeals/", appeals.MyAppeals, "appeals"),
    at(f"{PROJECT}rating/", appeals.MyRating, "rate-requester"),
    at(f"{PROJECT}requester/", appeals.RequesterRecord, "requester-record"),
    at("rejections/", work.MyRejections, "rejections"),
    at("reports/", reviews.MyReports, "my-reports"),
    at(f"{PROJECT}report/", reviews.ProjectReport, "report"),
    at("earnings/", earnings.Earnings, "earnings"),
    at("earnings/statement/", earnings.EarningsStatement, "earnings-statement"),
    at("payout-profile/", earnings.Profile, "payout-profile"),
    at("payouts/", earnings.MyPayouts, "payouts"),
    at("payouts/<id:payout_id>/", earnings.MyPayout, "payout"),
]

QUALIFICATIONS = [
    at("qualifications/", qualifications.Listed, "qualifications"),
    at("grants/", qualifications.MyGrants, "my-grants"),
    at("attempts/", qualifications.MyAttempts, "attempts"),
    at("attempts/<id:attempt_id>/submit/", qualifications.AttemptSubmission, "submit-attempt"),
    at("attempts/<id:attempt_id>/answer/", qualifications.AttemptItem, "answer-item"),
    at("skills/", qualifications.MySkills, "my-skills"),
    at("requests/", qualifications.MyRequests, "my-requests"),
    at("requests/<id:request_id>/withdraw/", qualifications.RequestWithdrawal, "withdraw-request"),
    at("requests/<id:request_id>/grant/", qualifications.RequestGranting, "grant-request"),
    at("requests/<id:request_id>/refuse/", qualifications.RequestRefusal, "refuse-request"),
    at("requests/<id:request_id>/document/", qualifications.RequestDocument, "request-document"),
    at(QUALIFICATION, qualifications.QualificationView, "qualification"),
    at(f"{QUALIFICATION}attempts/", qualifications.AttemptStart, "start-attempt"),
    at(f"{QUALIFICATION}test/", qualifications.TestView, "test"),
    at(f"{QUALIFICATION}requests/", qualifications.Requests, "requests"),
    at(f"{QUALIFICATION}grants/", qualifications.Grants, "grants"),
    at(f"{QUALIFICATION}grants/revoke/", qualifications.GrantRevocation, "revoke-grant"),
    at(f"{QUALIFICATION}grants/file/", qualifications.GrantFiles, "grant-file"),
    at(f"{QUALIFICATION}tests/", qualifications.Tests, "tests"),
    at(f"{ORGANISATION}qualifications/", qualifications.OrganisationQualifications, "organisation-qualifications"),
]

PROJECTS = [
    at(f"{ORGANISATION}projects/", projects.Projects, "projects"),
    at(PROJECT, projects.ProjectView, "project"),
    at(f"{PROJECT}price/", projects.ProjectPrice, "price"),
    at(f"{PROJECT}progress/", projects.ProjectProgress, "progress"),
    at(f"{PROJECT}publish/", projects.ProjectPublish, "publish"),
    at(f"{PROJECT}pause/", projects.ProjectPause, "pause"),
    at(f"{PROJECT}resume/", projects.ProjectResume, "resume"),
    at(f"{PROJECT}close/", projects.ProjectClose, "close"),
    at(f"{PROJECT}discard/", projects.ProjectDiscard, "discard"),
    at(f"{PROJECT}budget/", projects.ProjectBudget, "budget"),
    at(f"{PROJECT}review/", reviews.ReviewAgain, "review-again"),
    at(f"{PROJECT}config/", project_terms.ProjectConfig, "config"),
    at(f"{PROJECT}guidelines/", project_terms.ProjectGuidelines, "guidelines"),
    at(f"{PROJECT}requirements/", project_terms.ProjectRequirements, "requirements"),
    at(f"{PROJECT}exclusions/", project_terms.ProjectExclusions, "exclusions"),
    at(f"{PROJECT}team/", project_terms.Team, "team"),
    at(f"{PROJECT}team/<slug:pseudonym>/", project_terms.TeamMemberView, "team-member"),
    at(f"{PROJECT}team-invitations/", project_terms.TeamInvitations, "team-invitations"),
    at(f"{PROJECT}team-invitations/<id:invitation_id>/", project_terms.TeamInvitationView, "team-invitation"),
    at(f"{PROJECT}items/", items.Items, "items"),
    at(f"{PROJECT}items/<id:item_id>/", items.ItemView, "item"),
    at(f"{PROJECT}uploads/", items.Uploads, "uploads"),
    at(f"{PROJECT}uploads/<id:upload_id>/", items.UploadView, "upload"),
    at(f"{PROJECT}tasks/", items.Tasks, "tasks"),
    at(f"{PROJECT}tasks/<id:task_id>/", items.TaskView, "task"),
    at(f"{PROJECT}tasks/<id:task_id>/gold/", gold.TaskGold, "make-gold"),
    at(f"{PROJECT}tasks/<id:task_id>/gold/correct/", gold.Correction, "correct-gold"),
    at(f"{PROJECT}tasks/<id:task_id>/gold/retire/", gold.Retiring, "retire-gold"),
    at(f"{PROJECT}tasks/<id:task_id>/gold/keep/", gold.KeyKept, "keep-gold"),
    at(f"{PROJECT}gold/", gold.Audit, "gold"),
    at(f"{PROJECT}gold/proposed/", gold.ProposedGold, "proposed-gold"),
    at(f"{PROJECT}gold/revisions/", gold.Revisions, "gold-revisions"),
]

RESULTS = [
    at(f"{PROJECT}assignments/", requester_assignments.Assignments, "project-assignments"),
    at(f"{PROJECT}assignments/accept/", requester_assignments.Acceptance, "accept"),
    at(f"{PROJECT}assignments/reject/", requester_assignments.Rejections, "reject"),
    at(f"{PROJECT}assignments/<id:assignment_id>/", requester_assignments.AssignmentView, "project-assignment"),
    at(f"{PROJECT}proposals/", requester_assignments.Proposals, "proposals"),
    at(f"{PROJECT}proposals/reject/", requester_assignments.ProposalsFollowed, "follow-proposals"),
    at(f"{PROJECT}proposals/dismiss/", requester_assignments.ProposalsDismissed, "dismiss-proposals"),
    at(f"{PROJECT}appeals/", appeals.ProjectAppeals, "project-appeals"),
    at(f"{PROJECT}appeals/<id:appeal_id>/grant/", appeals.ProjectAppealGivenIn, "give-in"),
    at(f"{PROJECT}held-batches/", appeals.ProjectHeldBatches, "project-held-batches"),
    at(f"{PROJECT}workers/", project_workers.ProjectWorkers, "project-workers"),
    at(f"{PROJECT}workers/<slug:pseudonym>/", project_workers.ProjectWorker, "project-worker"),
    at(f"{PROJECT}workers/<slug:pseudonym>/pause/", project_workers.ProjectWorkerPause, "pause-worker"),
    at(f"{PROJECT}workers/<slug:pseudonym>/lift/", project_workers.ProjectWorkerLift, "lift-worker"),
    at(f"{PROJECT}consensus/", results.ConsensusView, "consensus"),
    at(f"{PROJECT}runs/", results.Runs, "runs"),
    at(f"{PROJECT}export/", results.Export, "export"),
    at(f"{PROJECT}exports/", results.Exports, "exports"),
    at(f"{PROJECT}exports/<id:export_id>/", results.ExportView, "export-status"),
    at(f"{PROJECT}exports/<id:export_id>/file/", results.ExportFile, "export-file"),
]

MONEY = [
    at(f"{ORGANISATION}balances/", organisation_money.Balances, "balances"),
    at(f"{ORGANISATION}statement/", organisation_money.OrganisationStatement, "statement"),
    at(f"{ORGANISATION}deposits/", organisation_money.OrganisationDeposits, "deposits"),
    at(f"{ORGANISATION}withdrawals/", organisation_money.OrganisationWithdrawals, "withdrawals"),
    at(f"{ORGANISATION}test-money/", organisation_money.OrganisationTestMoney, "test-money"),
    at(f"{ORGANISATION}blocks/", organisation_money.Blocks, "blocks"),
    at(f"{ORGANISATION}blocks/<id:block_id>/", organisation_money.BlockView, "block"),
]

STAFF = [
    at("staff/deposits/", staff_money.Deposits, "staff-deposits"),
    at("staff/deposits/<id:deposit_id>/approve/", staff_money.DepositApproval, "approve-deposit"),
    at("staff/deposits/<id:deposit_id>/refuse/", staff_money.DepositRefusal, "refuse-deposit"),
    at("staff/withdrawals/", staff_money.Withdrawals, "staff-withdrawals"),
    at("staff/withdrawals/<id:withdrawal_id>/confirm/", staff_money.WithdrawalConfirmation, "confirm-withdrawal"),
    at("staff/withdrawals/<id:withdrawal_id>/refuse/", staff_money.WithdrawalRefusal, "refuse-withdrawal"),
    at("staff/corrections/", staff_money.Corrections, "corrections"),
    at("staff/corrections/<id:correction_id>/approve/", staff_money.CorrectionApproval, "approve-correction"),
    at("staff/corrections/<id:correction_id>/refuse/", staff_money.CorrectionRefusal, "refuse-correction"),
    at("staff/ledger/accounts/", staff_money.Accounts, "accounts"),
    at("staff/ledger/accounts/<id:account_id>/statement/", staff_money.AccountStatement, "account-statement"),
    at("staff/ledger/trial-balance/", staff_money.TrialBalance, "trial-balance"),
    at("staff/ledger/self-check/", staff_money.SelfCheck, "self-check"),
    at("staff/payouts/", staff_payouts.Payouts, "staff-payouts"),
    at("staff/payouts/<id:payout_id>/confirm/", staff_payouts.PayoutConfirmation, "confirm-payout"),
    at("staff/payouts/<id:payout_id>/fail/", staff_payouts.PayoutFailure, "fail-payout"),
    at("staff/payouts/<id:payout_id>/refuse/", staff_payouts.PayoutRefusal, "refuse-payout"),
    at("staff/batches/", staff_payouts.Batches, "batches"),
    at("staff/batches/<id:batch_id>/", staff_payouts.BatchView, "batch"),
    at("staff/batches/<id:batch_id>/approve/", staff_payouts.BatchApproval, "approve-batch"),
    at("staff/batches/<id:batch_id>/refuse/", staff_payouts.BatchRefusal, "refuse-batch"),
    at("staff/batches/<id:batch_id>/send/", staff_payouts.BatchSending, "send-batch"),
    at("staff/batches/<id:batch_id>/file/", staff_payouts.BatchFile, "batch-file"),
    at("staff/batches/<id:batch_id>/results/", staff_payouts.BatchResults, "batch-results"),
    at("staff/workers/", staff_people.StaffWorkers, "staff-workers"),
    at("staff/workers/<id:worker_id>/", staff_people.StaffWorker, "staff-worker"),
    at("staff/workers/<id:worker_id>/block/", staff_people.StaffWorkerBlock, "block-worker"),
    at("staff/blocks/<id:block_id>/lift/", staff_people.StaffBlockLift, "lift-block"),
    at("staff/reviews/", reviews.Reviews, "reviews"),
    at("staff/reports/", reviews.Reports, "reports"),
    at("staff/projects/<id:project_id>/pass/", reviews.ReviewApproval, "pass-project"),
    at("staff/projects/<id:project_id>/refuse/", reviews.ReviewRefusal, "refuse-project"),
    at("staff/projects/<id:project_id>/stop/", reviews.ProjectStop, "stop-project"),
    at("staff/projects/<id:project_id>/dismiss-reports/", reviews.ReportsDismissed, "dismiss-reports"),
    at("staff/appeals/", appeals.StaffAppeals, "staff-appeals"),
    at("staff/appeals/<id:appeal_id>/grant/", appeals.AppealGranting, "grant-appeal"),
    at("staff/appeals/<id:appeal_id>/uphold/", appeals.AppealUpholding, "uphold-appeal"),
    at("staff/held-batches/", appeals.StaffHeldBatches, "held-batches"),
    at("staff/held-batches/<id:held_batch_id>/pass/", appeals.HeldBatchPassing, "pass-batch"),
    at("staff/held-batches/<id:held_batch_id>/refuse/", appeals.HeldBatchRefusal, "refuse-held-batch"),
    at("staff/rejections/", staff_people.StaffRejections, "staff-rejections"),
    at("staff/assignments/<id:assignment_id>/overturn/", staff_people.Overturning, "overturn"),
    at("staff/audit/", staff_people.StaffAudit, "audit"),
    at("staff/people/<id:user_id>/", staff_people.StaffGrant, "staff-member"),
    at("staff/qualifications/", qualifications.SiteQualifications, "site-qualifications"),
]

DOCS = [
    at("media/<str:token>/", media.Media, "media"),
    path("schema/", docs.schema, name="schema"),
    path("docs/", docs.page, name="docs"),
]

urlpatterns: list[URLPattern] = [
    *PEOPLE,
    *WORK,
    *QUALIFICATIONS,
    *PROJECTS,
    *RESULTS,
    *MONEY,
    *STAFF,
    *DOCS,
    re_path("", docs.nowhere, name="nowhere"),
]
