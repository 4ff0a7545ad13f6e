"""Addresses of the worker's pages, below /work/."""

from django.urls import URLPattern, path

from crowd.web.worker import (
    appeals,
    contests,
    earnings,
    guidance,
    home,
    qualifications,
    record,
    report,
    reviews,
    task,
)

PROJECT = "projects/<int:project_id>/"
TASK = "tasks/<int:assignment_id>/"

urlpatterns: list[URLPattern] = [
    path("", home.work, name="work"),
    path("welcome/", home.welcome, name="welcome"),
    path(PROJECT, home.offer, name="offer"),
    path(f"{PROJECT}start/", task.start, name="start"),
    path(f"{PROJECT}rating/", appeals.rating, name="rate-requester"),
    path(f"{PROJECT}mark/", home.mark, name="mark-requester"),
    path(f"{PROJECT}guidelines/", guidance.read, name="read-guidelines"),
    path(f"{PROJECT}questions/", guidance.questions, name="questions"),
    path(f"{PROJECT}report/", report.report, name="report-project"),
    path(f"{PROJECT}end/", task.ended, name="ended"),
    path(TASK, task.task, name="task"),
    path(f"{TASK}submit/", task.submission, name="submit"),
    path(f"{TASK}ahead/", task.ahead, name="ahead"),
    path(f"{TASK}draft/", task.draft, name="draft"),
    path(f"{TASK}contest/", task.contest, name="contest-gold"),
    path(f"{TASK}return/", task.give_back_task, name="return"),
    path("qualifications/", qualifications.listed, name="qualifications"),
    path("qualifications/record/", qualifications.take_record, name="take-record"),
    path("qualifications/record/bring/", qualifications.bring_record, name="bring-record"),
    path("qualifications/<int:qualification_id>/", qualifications.one, name="qualification"),
    path("qualifications/<int:qualification_id>/test/", qualifications.begin, name="begin-test"),
    path("qualifications/<int:qualification_id>/ask/", qualifications.ask, name="ask-qualification"),
    path("requests/<int:request_id>/withdraw/", qualifications.withdraw, name="withdraw-request"),
    path("tests/<int:attempt_id>/", qualifications.attempt, name="attempt"),
    path("tests/<int:attempt_id>/draft/", qualifications.draft, name="attempt-draft"),
    path("earnings/", earnings.earnings, name="earnings"),
    path("earnings/details/", earnings.profile, name="payout-profile"),
    path("earnings/payout/<str:currency>/", earnings.payout, name="payout"),
    path("earnings/<int:year>/", earnings.statement, name="statement-year"),
    path("earnings/<int:year>/<int:month>/", earnings.statement, name="statement-month"),
    path("reviews/", reviews.reviews, name="reviews"),
    path(f"{PROJECT}review/", reviews.take, name="take-review"),
    path("reviews/<int:review_id>/", reviews.review, name="review"),
    path(f"{TASK}decline/", reviews.decline, name="decline-rework"),
    path("record/", record.record, name="record"),
    path("appeals/rejections/<int:rejection_id>/", appeals.rejection, name="appeal-rejection"),
    path("appeals/projects/<int:project_id>/", appeals.pause, name="appeal-pause"),
    path("appeals/blocks/<int:block_id>/", appeals.block, name="appeal-block"),
    path("record/<int:firing_id>/contest/", contests.contest_firing, name="contest"),
]
