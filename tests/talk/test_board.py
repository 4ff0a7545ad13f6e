"""The workers' board: for workers with some standing, under handles; requesters do not read it, staff moderate."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, Conflict, NotAllowed, NotFound, TooMany
from crowd.talk import board as reads
from crowd.talk.errors import HandleTaken, ReportedAlready
from crowd.talk.models import Complaint, Post, Topic
from crowd.talk.services import board, complaints
from crowd.talk.services.forget import forget
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from workers.models import Worker
from workers.services import accounts, blocks

pytestmark = pytest.mark.django_db


def member(name: str) -> Worker:
    worker = make.make_worker(accepted_count=10)
    board.choose_handle(worker=worker, name=name)
    return worker


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_workers_talk_under_their_handles_and_requesters_do_not_read(
    requester: User, organisation: Organisation, staff: User
) -> None:
    wanda = make.make_worker(accepted_count=10)
    mine = browser(wanda.user)
    assert mine.get("/work/board/new/").headers["Location"] == "/work/board/handle/"
    assert mine.post("/work/board/handle/", {"name": "wanda"}).status_code == 302
    sent = {"title": "Good projects", "text": "Moods is clear.\n<script>", "key": "k"}
    first = [mine.post("/work/board/new/", sent).headers["Location"] for _time in range(2)]
    assert len(set(first)) == Topic.objects.count() == 1
    otto = member("otto")
    theirs = browser(otto.user)
    assert "Good projects" in theirs.get("/work/board/").content.decode()
    assert "Good projects" in theirs.get("/work/board/?q=clear").content.decode()
    assert "Good projects" not in theirs.get("/work/board/?q=muddy").content.decode()
    assert theirs.post(first[0], {"text": "And pays."}).status_code == 302
    page = mine.get(first[0]).content.decode()
    assert "otto" in page
    assert "And pays." in page
    assert otto.user.email not in page
    assert "&lt;script&gt;" in page
    (notice,) = wanda.user.notices.filter(kind="board_reply")
    assert notice.link == first[0]

    newcomer, both = make.make_worker(accepted_count=9), make.make_worker(user=requester, accepted_count=500)
    for somebody in (newcomer.user, both.user):
        for address in ("/work/board/", first[0]):
            assert browser(somebody).get(address).status_code == 403
        with pytest.raises(NotAllowed):
            board.reply(worker=somebody.worker, topic_id=Topic.objects.get().pk, text="Me too")
    blocks.block_on_site(actor=staff, worker_id=otto.pk, reason="Spam")
    assert theirs.get("/work/board/").status_code == 403
    all_is_well()


def test_a_post_is_changed_for_a_quarter_of_an_hour_and_hidden_with_a_reason(staff: User) -> None:
    wanda, otto = member("wanda"), member("otto")
    topic = board.begin(worker=wanda, title="Keys", text="Task 7 is gold")
    post = topic.all_posts.get()
    mine, desk = browser(wanda.user), browser(staff)
    assert mine.post(f"/work/board/posts/{post.pk}/edit/", {"text": "Task 8 is gold"}).status_code == 302
    with pytest.raises(NotFound):
        board.edit(worker=otto, post_id=post.pk, text="Mine now")
    assert browser(otto.user).post(f"/work/board/posts/{post.pk}/report/", {"reason": "Tells gold"}).status_code == 302
    with pytest.raises(ReportedAlready):
        complaints.report_post(worker=otto, post_id=post.pk, reason="Again")
    with pytest.raises(BadInput):
        complaints.report_post(worker=wanda, post_id=post.pk, reason="My own")
    clock.advance(timedelta(minutes=16))
    with pytest.raises(Conflict):
        board.edit(worker=wanda, post_id=post.pk, text="Nothing is gold")

    complaint = Complaint.objects.get()
    here = f"/staff/complaints/{complaint.pk}/"
    assert "Task 8 is gold" in desk.get(here).content.decode()
    assert desk.post(here, {"act": "uphold", "reason": "It tells which task is gold."}).status_code == 302
    page = browser(otto.user).get(f"/work/board/{topic.pk}/").content.decode()
    assert "Task 8" not in page
    assert "It tells which task is gold." in page
    assert "Keys" not in browser(otto.user).get("/work/board/").content.decode()  # its first post was the topic's
    assert wanda.user.notices.filter(kind="writing_hidden").exists()
    with pytest.raises(Conflict):
        board.reply(worker=otto, topic_id=topic.pk, text="Which?")
    more = board.begin(worker=otto, title="Other", text="First")
    said = board.reply(worker=wanda, topic_id=more.pk, text="Spam")
    desk.post(f"/staff/board/{more.pk}/", {"act": "hide", "post": said.pk, "reason": "Spam."})
    assert Post.objects.get(pk=said.pk).hidden_by == staff
    assert "Other" in browser(otto.user).get("/work/board/").content.decode()
    with pytest.raises(NotAllowed):
        board.hide(actor=otto.user, post_id=said.pk, reason="I am no staff")
    all_is_well()


def test_handles_are_ones_own_limits_hold_and_a_deleted_user_has_none() -> None:
    wanda, otto = member("wanda"), make.make_worker(accepted_count=10)
    for wrong in ("x", "Staff_Anna", "a b c", "-dash", "x" * 31):
        with pytest.raises(BadInput):
            board.choose_handle(worker=otto, name=wrong)
    with pytest.raises(HandleTaken):
        board.choose_handle(worker=otto, name="WANDA")
    with pytest.raises(NotAllowed):
        board.begin(worker=otto, title="No", text="Handle")
    with pytest.raises(Conflict):
        board.choose_handle(worker=wanda, name="wanda2")
    for number in range(board.MOST_TOPICS_A_DAY):
        topic = board.begin(worker=wanda, title=f"{number}", text="Text")
    with pytest.raises(TooMany):
        board.begin(worker=wanda, title="One more", text="Text")

    accounts.erase(actor=wanda.user, user=wanda.user, nothing_left=lambda _user: None, forget=[forget])
    (line,) = reads.posts_after(topic, "", reader=otto).posts
    assert (line.name, line.of.text) == ("deleted user", "Text")
    board.choose_handle(worker=otto, name="wanda")
    all_is_well()


def test_lists_ask_the_same_whatever_their_length(django_assert_max_num_queries: Any) -> None:
    workers = [member(f"worker{number}") for number in range(5)]
    client = browser(workers[0].user)

    def queries_of(address: str) -> int:
        client.get(address)
        with django_assert_max_num_queries(60) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    topic = board.begin(worker=workers[0], title="One", text="First")
    few = [queries_of("/work/board/"), queries_of(f"/work/board/{topic.pk}/")]
    for one in workers[1:]:
        board.begin(worker=one, title="More", text="Text")
        board.reply(worker=one, topic_id=topic.pk, text="Reply")
    assert [queries_of("/work/board/"), queries_of(f"/work/board/{topic.pk}/")] == few
    for number in range(60):
        Post.objects.create(topic=topic, worker=workers[1], text=f"No {number}", key=f"{number}", posted_at=clock.now())
    page = reads.posts_after(topic, "", reader=None)
    rest = reads.posts_after(topic, str(page.after), reader=None)
    assert [len(page.posts), len(rest.posts), rest.after] == [50, 15, None]
