"""The page at the root of the site, for a guest and for who is signed in."""

import re

import pytest
from django.test import Client
from django.utils.translation import override

from crowd.users.models import Organisation, User
from crowd.web.templatetags.crowd_web import duration
from workers.models import Worker

pytestmark = pytest.mark.django_db


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def links(page: str) -> list[str]:
    return [link for link in re.findall(r'<a [^>]*href="([^"]+)"', page) if not link.startswith("#")]


def test_a_stranger_reads_what_this_is_and_finds_every_door(client: Client) -> None:
    page = client.get("/").content.decode()

    assert "paid for every accepted answer" in page
    assert {"/api/v1/docs/", "/accounts/login/", "/accounts/signup/"} <= set(links(page))
    assert [client.get(place).status_code for place in links(page)] == [200] * len(links(page))


@pytest.mark.parametrize("role", ["requester", "worker"])
def test_a_guest_who_says_what_he_comes_for_is_led_there_once_he_signed_up(client: Client, role: str) -> None:
    (way,) = re.findall(rf'href="(/accounts/signup/\?next=/join/{role}/)"', client.get("/").content.decode())

    assert f'name="next" value="/join/{role}/"' in client.get(way).content.decode()


def test_who_signs_in_is_led_to_where_his_day_begins(
    requester: User, organisation: Organisation, worker: Worker, staff: User
) -> None:
    newcomer = User.objects.create_user("new@example.org", "correct horse")
    places = {newcomer: "/join/", worker.user: "/work/", requester: "/requester/", staff: "/staff/"}

    for user, place in places.items():
        assert client_of(user).get("/").headers["Location"] == place
    assert '<a href="/staff/' not in client_of(requester).get("/staff/").content.decode()  # nor what is in there


def test_no_page_needs_a_script_of_its_own(client: Client) -> None:
    answer = client.get("/")

    inline = re.findall(r"<script(?![^>]*src=)[^>]*>|<style|javascript:", answer.content.decode())
    assert inline == []
    assert "'unsafe-eval'" not in answer["Content-Security-Policy"]


def test_times_are_written_in_the_readers_language() -> None:
    with override("de"):
        assert [duration(seconds) for seconds in (2.9, 40, 3 * 3600)] == ["2,9 s", "40 s", "3 h"]
    assert [duration(seconds) for seconds in (2.9, 5400, 7 * 86_400)] == ["2.9 s", "1 h 30 min", "7 days"]
