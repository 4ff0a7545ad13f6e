"""An organisation knows a worker under one name of its own, and no other organisation knows that name."""

from functools import partial

import pytest

from crowd.kernel.errors import NotFound
from crowd.users.models import Organisation
from tests import make
from tests.races import together
from workers.models import Pseudonym, Worker
from workers.services import pseudonyms
from workers.services.eligibility import bump


def test_a_worker_has_another_name_in_every_organisation(organisation: Organisation, worker: Worker) -> None:
    elsewhere = make.make_organisation()
    here = pseudonyms.pseudonym_for(organisation, worker)
    assert here == pseudonyms.pseudonym_for(organisation, worker)
    assert here != pseudonyms.pseudonym_for(elsewhere, worker)
    assert pseudonyms.worker_by_pseudonym(organisation, f" {here.lower()} ") == worker
    with pytest.raises(NotFound):
        pseudonyms.worker_by_pseudonym(elsewhere, here)


def test_many_names_are_made_at_once_and_none_is_changed(
    organisation: Organisation, worker: Worker, other_worker: Worker
) -> None:
    before = pseudonyms.pseudonym_for(organisation, worker)
    names = pseudonyms.pseudonyms_for(organisation, [worker.pk, other_worker.pk, worker.pk])
    assert names[worker.pk] == before
    assert len(set(names.values())) == 2


def test_a_taken_code_is_drawn_again(
    organisation: Organisation, worker: Worker, other_worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = iter(["ATAKEN", "ATAKEN", "AFREE"])
    monkeypatch.setattr(pseudonyms, "_code", lambda: next(codes))
    assert pseudonyms.pseudonym_for(organisation, worker) == "ATAKEN"
    assert pseudonyms.pseudonym_for(organisation, other_worker) == "AFREE"


@pytest.mark.django_db(transaction=True)
def test_two_at_once_get_the_same_name() -> None:
    organisation, worker = make.make_organisation(), make.make_worker()
    act = partial(pseudonyms.pseudonym_for, organisation, worker)
    assert len(set(together(act, act, act))) == 1
    assert Pseudonym.objects.count() == 1


def test_bump_raises_the_version_of_the_named_workers_only(worker: Worker, other_worker: Worker) -> None:
    bump([worker.pk, worker.pk])
    worker.refresh_from_db()
    other_worker.refresh_from_db()
    assert (worker.eligibility_version, other_worker.eligibility_version) == (1, 0)
