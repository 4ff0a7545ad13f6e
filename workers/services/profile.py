"""Joining as a worker, and what a worker tells about himself."""

import re
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import BadInput
from crowd.users.errors import AccountClosed
from crowd.users.models import User
from crowd.users.services import audit, terms
from workers.access import worker_for
from workers.countries import COUNTRIES
from workers.errors import AlreadyWorker
from workers.models import Worker
from workers.services.eligibility import bump
from workers.states import WorkerState

MAX_LANGUAGES = 20
LANGUAGE = re.compile("[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")


def become_worker(
    *,
    user: User,
    country: str,
    subdivision: str = "",
    languages: Sequence[str] = (),
    adult: bool = False,
    in_reports: bool = False,
) -> Worker:
    """Join. `country` ISO 3166-1 ("US"), `subdivision` ISO 3166-2 ("US-CA"), `languages` BCP 47 ("pt-BR").

    `in_reports`: he agreed that country and languages are counted in reports, in groups of ten workers and more.
    `adult`: he said that he is 18 or older, which is kept; the doors ask for it.

    Raises BadInput, AlreadyWorker, AccountClosed.
    """
    told = _read(country, subdivision, languages)
    with transaction.atomic(durable=True):
        login = User.objects.select_for_update(no_key=True).get(pk=user.pk)  # of two at once, one joins
        if login.closed_at is not None:
            raise AccountClosed
        if Worker.objects.filter(user=login).exists():
            raise AlreadyWorker
        now = clock.now()
        worker = Worker.objects.create(user=login, joined_at=now, in_reports=in_reports, **told)
        if adult:
            terms.declare_adult(user, now=now)
        audit.record(actor=user, action="join", subject=worker, now=now)
    return worker


def update_profile(*, user: User, country: str, subdivision: str = "", languages: Sequence[str] = ()) -> Worker:
    """Change what was told; as `become_worker`. The log keeps where he lived, sealed: it decides what he may take."""
    told = _read(country, subdivision, languages)
    with transaction.atomic(durable=True):
        worker = Worker.objects.select_for_update(no_key=True).select_related("user").get(pk=worker_for(user).pk)
        if worker.state == WorkerState.CLOSED:
            raise AccountClosed
        before = worker.locale
        for field, value in told.items():
            setattr(worker, field, value)
        worker.save(update_fields=list(told))
        if worker.locale != before:
            _record_move(user, worker, before)
        bump([worker.pk])
    return worker


def _record_move(user: User, worker: Worker, before: str) -> None:
    audit.record(
        actor=user,
        action="move",
        subject=worker,
        now=clock.now(),
        before={"locale": audit.sealed(worker.user, before)},
        after={"locale": audit.sealed(worker.user, worker.locale)},
    )


def _read(country: str, subdivision: str, languages: Sequence[str]) -> dict[str, object]:
    country, subdivision = country.strip().upper(), subdivision.strip().upper()
    languages = list(dict.fromkeys(language.strip() for language in languages))
    faults = {}
    if country not in COUNTRIES:
        faults["country"] = _("“%(code)s” is no country code of ISO 3166-1.") % {"code": country[:10]}
    if subdivision and not re.fullmatch(f"{re.escape(country)}-[A-Z0-9]{{1,3}}", subdivision):
        faults["subdivision"] = _("A region is written like US-CA and lies in the country.")
    if len(languages) > MAX_LANGUAGES:
        faults["languages"] = _("At most %(most)s languages can be named.") % {"most": MAX_LANGUAGES}
    elif bad := [language for language in languages if len(language) > 10 or not LANGUAGE.fullmatch(language)]:
        faults["languages"] = _("“%(code)s” is no language code such as en or pt-BR.") % {"code": bad[0][:20]}
    if faults:
        raise BadInput(errors=faults)
    return {"country": country, "subdivision": subdivision, "languages": languages}
