"""Addresses of the requester's pages, below /requester/."""

from django.urls import URLPattern, path, re_path, register_converter
from django.urls.converters import IntConverter

from crowd.web.requester import (
    announcements,
    appeals,
    bias,
    deciding,
    files,
    gold,
    guidance,
    history,
    home,
    items,
    members,
    messages,
    money,
    people,
    project,
    qualifications,
    reconfiguring,
    results,
    reviewing,
    rules,
    waiting,
)
from crowd.web.requester.setup import check, data, price, quality, question, splitting, tiers, walk, workers

app_name = "requester"


class NumberConverter(IntConverter):
    """Ids that a table could hold; larger ones are nobody's."""

    regex = "[0-9]{1,18}"


register_converter(NumberConverter, "number")

ORGANISATION = "organisations/<number:organisation_id>/"
PROJECT = "projects/<number:project_id>/"
SETUP = f"{PROJECT}setup/"
WORKER = f"{PROJECT}workers/<slug:pseudonym>/"

ORGANISATIONS = [
    path("", home.home, name="home"),
    path("organisations/new/", home.new_organisation, name="new-organisation"),
    path(ORGANISATION, home.organisation, name="organisation"),
    path(f"{ORGANISATION}projects/new/", home.new_project, name="new-project"),
    path(f"{ORGANISATION}members/", members.members, name="members"),
    path(f"{ORGANISATION}rename/", members.rename, name="rename"),
    path(f"{ORGANISATION}members/<number:user_id>/role/", members.change_role, name="change-role"),
    path(f"{ORGANISATION}members/<number:user_id>/remove/", members.remove, name="remove-member"),
    path(f"{ORGANISATION}invitations/<number:invitation_id>/revoke/", members.revoke, name="revoke-invitation"),
    path(f"{ORGANISATION}history/", history.history, name="history"),
    path(f"{ORGANISATION}qualifications/", qualifications.qualifications, name="qualifications"),
    path(
        f"{ORGANISATION}qualifications/<number:qualification_id>/", qualifications.qualification, name="qualification"
    ),
    path(f"{ORGANISATION}money/", money.money, name="money"),
    path(f"{ORGANISATION}money/withdraw/", money.withdraw, name="withdraw"),
    path(f"{ORGANISATION}money/test/", money.test_money, name="test-money"),
    path(f"{ORGANISATION}money/statement/", money.statement, name="statement"),
]

SETTING_UP = [
    path(f"{SETUP}data/", data.data, name="setup-data"),
    path(f"{SETUP}data/columns/", data.columns, name="setup-columns"),
    path(f"{SETUP}data/forget/", data.forget, name="setup-forget"),
    path(f"{SETUP}data/clear/", data.clear, name="setup-clear"),
    path(f"{SETUP}data/split/", data.cut_anew, name="setup-split"),
    path(f"{SETUP}data/pieces/", splitting.preview, name="setup-pieces"),
    path(f"{SETUP}question/", question.question, name="setup-question"),
    path(f"{SETUP}question/json/", question.as_json, name="setup-question-json"),
    path(f"{SETUP}question/preview/", question.preview, name="setup-preview"),
    path(f"{SETUP}question/labels/", question.labels, name="setup-labels"),
    path(f"{SETUP}workers/", workers.workers, name="setup-workers"),
    path(f"{SETUP}quality/", quality.quality, name="setup-quality"),
    path(f"{SETUP}tiers/", tiers.tiers, name="setup-tiers"),
    path(f"{SETUP}price/", price.price, name="setup-price"),
    path(f"{SETUP}price/parts/", price.live, name="setup-parts"),
    path(f"{SETUP}check/", check.check, name="setup-check"),
    path(f"{PROJECT}discard/", check.discard, name="discard"),
    path(f"{PROJECT}walk/", walk.walk, name="walk"),
]

RUNNING = [
    path(PROJECT, project.project, name="project"),
    path(f"{PROJECT}live/", project.live, name="live"),
    path(f"{PROJECT}words/", project.words, name="words"),
    path(f"{PROJECT}version/", reconfiguring.reconfigure, name="reconfigure"),
    path(f"{PROJECT}money/", project.funds, name="funds"),
    path(f"{PROJECT}pause/", project.pause, name="pause"),
    path(f"{PROJECT}resume/", project.resume, name="resume"),
    path(f"{PROJECT}review/", project.review_again, name="review-again"),
    path(f"{PROJECT}close/", project.close, name="close"),
    path(f"{PROJECT}results/", results.results, name="results"),
    path(f"{PROJECT}bias/", bias.bias, name="bias"),
    path(f"{PROJECT}bias/file/", bias.bias_file, name="bias-file"),
    path(f"{PROJECT}answers/", results.answers, name="answers"),
    path(f"{PROJECT}answers/decide/", deciding.decide, name="decide"),
    path(f"{PROJECT}proposals/", deciding.proposals, name="proposals"),
    path(f"{PROJECT}reviews/", reviewing.reviews, name="reviews"),
    path(f"{PROJECT}appeals/", appeals.appeals, name="appeals"),
    path(f"{PROJECT}appeals/<int:appeal_id>/", appeals.give_in, name="give-in"),
    path(f"{PROJECT}tasks/<number:task_id>/", results.task, name="task"),
    path(f"{PROJECT}tasks/<number:task_id>/waiting/", waiting.waiting, name="task-waiting"),
    re_path(
        r"^projects/(?P<project_id>[0-9]{1,18})/export/(?P<of>items|answers)\.(?P<kind>csv|jsonl)$",
        files.export,
        name="export",
    ),
    path(f"{PROJECT}exports/", files.exports, name="exports"),
    path(f"{PROJECT}exports/<number:export_id>/file/", files.file, name="export-file"),
    path(f"{PROJECT}gold/", gold.gold, name="gold"),
    path(f"{PROJECT}gold/proposed/", gold.accept_proposed, name="gold-proposed"),
    path(f"{PROJECT}gold/<number:task_id>/", gold.key, name="gold-key"),
    path(f"{PROJECT}items/", items.items, name="items"),
    path(f"{PROJECT}uploads/<number:upload_id>/", items.upload, name="upload"),
    path(f"{PROJECT}workers/", people.workers, name="workers"),
    path(f"{WORKER}bonus/", people.bonus, name="bonus"),
    path(WORKER, people.worker, name="worker"),
    path(f"{PROJECT}messages/", messages.threads, name="threads"),
    path(f"{PROJECT}announcements/", announcements.announcements, name="announcements"),
    path(
        f"{PROJECT}announcements/<number:announcement_id>/withdraw/",
        announcements.withdraw,
        name="withdraw-announcement",
    ),
    path(f"{WORKER}messages/", messages.thread, name="messages"),
    path(f"{WORKER}messages/mute/", messages.mute, name="mute"),
    path(f"{WORKER}stop/", people.stop, name="stop"),
    path(f"{WORKER}block/", people.block, name="block"),
    path(f"{PROJECT}guidance/", guidance.guidance, name="guidance"),
    path(f"{PROJECT}guidance/labels/", guidance.by_label, name="guidance-labels"),
    path(f"{PROJECT}guidance/reopen/", guidance.reopening, name="reopen-tasks"),
    path(f"{PROJECT}guidance/ruling/", guidance.ruling, name="ruling"),
    path(f"{PROJECT}rules/", rules.rules, name="rules"),
    path(f"{PROJECT}rules/new/", rules.new, name="new-rule"),
    path(f"{PROJECT}rules/log/", rules.log, name="rule-log"),
    path(f"{PROJECT}rules/<number:rule_id>/", rules.rule, name="rule"),
    path(f"{PROJECT}rules/<number:rule_id>/edit/", rules.edit, name="edit-rule"),
    path(f"{PROJECT}rules/<number:rule_id>/turn/", rules.turn, name="turn-rule"),
    path(f"{PROJECT}rules/<number:rule_id>/remove/", rules.remove, name="remove-rule"),
    path(f"{PROJECT}firings/<number:firing_id>/", rules.firing, name="firing"),
    path(f"{PROJECT}team/", people.team, name="team"),
    path(f"{PROJECT}team/links/<number:invitation_id>/revoke/", people.revoke_link, name="revoke-link"),
    path(f"{PROJECT}team/<slug:pseudonym>/remove/", people.remove_member, name="remove-team-member"),
]

urlpatterns: list[URLPattern] = [*ORGANISATIONS, *SETTING_UP, *RUNNING]
