"""One's own account: settings, everything that is kept, and the way out."""

import json
from typing import Any

from django.contrib import messages
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crowd.assignments import queries as assignments
from crowd.kernel import clock, my_data
from crowd.payouts import queries as payouts
from crowd.talk.services.forget import forget
from crowd.users.language import refuse_unknown, speak
from crowd.users.models import TermsAcceptance
from crowd.users.services import person
from crowd.web.account.forms import CloseForm, PersonForm, WorkerProfileForm
from crowd.web.doors import for_worker, page_of_ours, signed_in, user_of
from workers.models import Worker
from workers.services import accounts, profile, wishes

FORM = ["GET", "HEAD", "POST"]


@signed_in
@require_http_methods(FORM)
def account(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    told = {"name": user.name, "language": user.language, "timezone": user.timezone}
    form = PersonForm(request.POST or None, initial=told)
    if request.method == "POST" and form.is_valid():
        with form.answering():
            person.update(user=user, **form.cleaned_data)
            messages.success(request, _("Saved."))
            response = redirect("web:account")
            speak(response, form.cleaned_data["language"])
            return response
    worker = Worker.objects.filter(user=user).first()
    agreed = TermsAcceptance.objects.filter(user=user).order_by("pk")
    return render(request, "web/account/account.html", {"form": form, "worker": worker, "agreed": agreed})


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """The choice at the foot of every page: for this browser, and where somebody is signed in for his mail too."""
    chosen, back = request.POST.get("language", ""), request.POST.get("next", "")
    refuse_unknown(chosen)
    if request.user.is_authenticated:
        person.choose_language(user=user_of(request), language=chosen)
    response = HttpResponseRedirect(page_of_ours(request, back, otherwise=reverse("web:home")))
    speak(response, chosen)
    return response


@for_worker
@require_http_methods(FORM)
def about_me(request: HttpRequest, worker: Worker) -> HttpResponse:
    names = ("country", "languages", "in_reports", "time_percent", "shown_warnings")
    form = WorkerProfileForm(request.POST or None, initial={name: getattr(worker, name) for name in names})
    if request.method == "POST" and form.is_valid():
        with form.answering():
            _tell(worker, **form.cleaned_data)
            messages.success(request, _("Saved. It holds from your next task on."))
            return redirect("web:about-me")
    return render(request, "web/account/about_me.html", {"form": form})


@signed_in
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """Everything that is kept about the person, as a file."""
    kept = {"exported_at": clock.now()} | my_data.everything(user_of(request))
    body = json.dumps(kept, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False)
    headers = {"Content-Disposition": 'attachment; filename="my-data.json"'}
    return HttpResponse(body, content_type="application/json; charset=utf-8", headers=headers)


@signed_in
@require_http_methods(FORM)
def close(request: HttpRequest) -> HttpResponse:
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.answering():
            accounts.close_account(user=user_of(request))
            messages.success(request, _("Your account is closed for work. Sign in for your earnings as before."))
            return redirect("web:account")
    return render(request, "web/account/close.html", {"form": form})


@signed_in
@require_POST
def erase(request: HttpRequest) -> HttpResponse:
    """Once nothing is left to pay: the person is taken out of the data."""
    user = user_of(request)
    accounts.erase(
        actor=user,
        user=user,
        nothing_left=assignments.nothing_left,
        forget=[forget],
        keep_payouts_until=payouts.records_until(user),
    )
    request.session.flush()
    return render(request, "web/account/erased.html")


def _tell(worker: Worker, *, country: str, languages: list[str], **wanted: Any) -> None:
    profile.update_profile(user=worker.user, country=country, languages=languages)
    wishes.set_wishes(worker=worker, **wanted)
