"""The admin shows every table of ours to staff, no secret to anybody, and changes nothing for anybody."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import models
from django.test import Client, RequestFactory
from django.urls import reverse

from crowd.kernel.admin_site import ReadOnlyAdmin
from crowd.users.models import AuditEntry, Organisation, User
from crowd.users.services import api_keys, organisations
from tests import make
from workers.models import Worker

OURS = {
    *("kernel", "users", "gold", "notices", "ledger", "workers", "qualifications"),
    *("projects", "payouts", "assignments", "consensus", "review", "rules", "guidance", "bonuses", "talk"),
}
SECRET_WORDS = ("digest", "password", "secret", "wrapped", "file_key")


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in OURS]


def address(model: type[models.Model], page: str, *parts: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=parts)


@pytest.fixture
def superuser(db: None) -> User:
    return User.objects.create_superuser("root@example.org", "correct horse")


@pytest.fixture
def eye(client: Client, superuser: User) -> Client:
    """Even a superuser only looks."""
    client.force_login(superuser)
    return client


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_every_table_of_ours_is_there_and_can_be_searched(eye: Client, model: type[models.Model]) -> None:
    assert admin.site.is_registered(model)
    assert eye.get(address(model, "changelist")).status_code == 200
    assert eye.get(address(model, "changelist"), {"q": "7"}).status_code == 200


def test_nothing_else_is_there() -> None:
    assert {model._meta.app_label for model in admin.site._registry} == OURS
    assert all(isinstance(shown, ReadOnlyAdmin) for shown in admin.site._registry.values())
    assert not admin.site.is_registered(Group)


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_no_secret_is_shown(model: type[models.Model], superuser: User) -> None:
    request = RequestFactory().get("/")
    request.user = superuser
    shown = admin.site._registry[model]
    names = {*shown.get_fields(request), *shown.get_list_display(request)}
    fields = {field.name: field for field in model._meta.get_fields()}
    assert not [name for name in names if isinstance(fields.get(str(name)), models.BinaryField)]
    assert not [name for name in names if any(word in str(name) for word in SECRET_WORDS) and name != "request_digest"]


def test_a_row_is_shown_without_its_secret(eye: Client, superuser: User) -> None:
    key, _secret = api_keys.create(user=superuser, name="mine", scopes=["read"])
    page = eye.get(address(type(key), "change", key.pk))
    assert page.status_code == 200
    assert key.prefix in page.content.decode()
    assert key.digest not in page.content.decode()


def test_no_post_changes_anything(eye: Client, superuser: User, worker: Worker) -> None:
    organisation = organisations.create_organisation(actor=superuser, name="Lab")
    rows: list[models.Model] = [organisation, worker, superuser, AuditEntry.objects.get(subject_id=organisation.pk)]
    before = [type(row).objects.filter(pk=row.pk).values().get() for row in rows]  # type: ignore[attr-defined]
    form = {"name": "Changed", "email": "changed@example.org", "state": "closed", "is_active": "", "reason": "x"}
    for row in rows:
        for page in (address(type(row), "change", row.pk), address(type(row), "add")):
            assert eye.post(page, form).status_code in (403, 405)
        assert eye.post(address(type(row), "delete", row.pk), {"post": "yes"}).status_code in (403, 405)
        chosen = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
        assert eye.post(address(type(row), "changelist"), chosen).status_code in (403, 405)
    after = [type(row).objects.filter(pk=row.pk).values().get() for row in rows]  # type: ignore[attr-defined]
    assert before == after


def test_reading_offers_no_form_to_change(eye: Client, organisation: Organisation) -> None:
    page = eye.get(address(Organisation, "change", organisation.pk)).content.decode()
    assert 'name="_save"' not in page
    assert "deletelink" not in page
    assert eye.get(address(Organisation, "add")).status_code == 403
    assert eye.get(address(Organisation, "delete", organisation.pk)).status_code == 403


def test_only_staff_look(client: Client, requester: User, staff: User) -> None:
    page = address(Organisation, "changelist")
    assert client.get(page).status_code == 302  # to the site's own sign-in, with its second factors
    assert client.get(page, follow=True).redirect_chain[-1][0].startswith(reverse("account_login"))
    client.force_login(requester)
    assert client.get(page, follow=True).status_code == 403
    client.force_login(staff)
    assert client.get(page).status_code == 200


def test_the_admin_signs_nobody_in(client: Client, db: None) -> None:
    staff = make.make_staff()
    form = {"username": staff.email, "password": "correct horse", "next": "/admin/"}
    client.post(reverse("admin:login"), form)
    assert "_auth_user_id" not in client.session


def test_staff_can_sign_out(eye: Client) -> None:
    assert eye.post(reverse("admin:logout")).status_code == 200
    assert "_auth_user_id" not in eye.session
