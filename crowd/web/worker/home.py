"""Where a worker's day begins: the list of work, and one project of it."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crowd.assignments import queries
from crowd.kernel import clock
from crowd.web.doors import for_worker, page_of_ours
from crowd.web.paging import whole
from crowd.web.worker import money, offers
from crowd.web.worker.finding import FindForm, find_form
from workers.models import Worker
from workers.queries import blocks_now
from workers.services import wishes

PAGE = 50


@for_worker
@require_safe
def welcome(request: HttpRequest, worker: Worker) -> HttpResponse:
    return render(request, "web/worker/welcome.html")


@for_worker
@require_safe
def work(request: HttpRequest, worker: Worker) -> HttpResponse:
    show = request.GET.get("show", "")
    before = request.GET.get("before", "")
    find = find_form(request.GET)
    found = offers.listed(worker, show=show, among=find.among(), fits=find.fits, before=whole(before), limit=PAGE)
    titles = {"": _("All"), "ready": _("Ready for me"), "saved": _("Saved requesters"), "hidden": _("Hidden")}
    tabs = [
        {"title": titles[one], "address": f"?{_query(one, find)}", "current": show == one, "count": None}
        for one in titles
    ]
    context: dict[str, Any] = {"tabs": tabs, "show": show, "blocks": blocks_now(worker, now=clock.now())}
    context |= {"lines": found.lines, "next": found.next, "first": not before, "query": _query(show, find)}
    context |= {"find": find}
    return render(request, "web/worker/work.html", context | money.today(worker))


def _query(show: str, find: FindForm) -> str:
    return "&".join(part for part in (urlencode({"show": show}) if show else "", find.query) if part)


@for_worker
@require_safe
def offer(request: HttpRequest, worker: Worker, project_id: int) -> HttpResponse:
    return render(request, "web/worker/offer.html", offers.one(worker, project_id))


@for_worker
@require_POST
def mark(request: HttpRequest, worker: Worker, project_id: int) -> HttpResponse:
    """Save or hide the requester of this project."""
    organisation = queries.visible_to(worker, project_id).organisation
    wishes.mark_requester(worker=worker, organisation=organisation, mark=request.POST.get("mark", ""))
    return redirect(page_of_ours(request, request.POST.get("next", ""), otherwise=reverse("web:work")))
