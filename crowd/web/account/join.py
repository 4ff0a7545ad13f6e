"""The first steps after signing up: what somebody came for, and what he agrees to."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crowd.users import terms
from crowd.users.services import organisations
from crowd.users.services import terms as agreeing
from crowd.web import markdown
from crowd.web.account.forms import AgreeForm, JoinWorkerForm, OrganisationForm
from crowd.web.doors import page_of_ours, signed_in, user_of
from workers.services import profile

FORM = ["GET", "HEAD", "POST"]


@signed_in
@require_safe
def join(request: HttpRequest) -> HttpResponse:
    return render(request, "web/account/join.html")


@signed_in
@require_http_methods(FORM)
def join_worker(request: HttpRequest) -> HttpResponse:
    form = JoinWorkerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        with form.answering():
            about = {name: told[name] for name in ("country", "languages", "in_reports")}
            profile.become_worker(user=user_of(request), **about)
            agreeing.accept_current(user=user_of(request), adult=True)
            messages.success(request, _("Welcome. Here is what you can begin with."))
            return redirect("web:welcome")
    return render(request, "web/account/join_worker.html", {"form": form})


@signed_in
@require_http_methods(FORM)
def join_requester(request: HttpRequest) -> HttpResponse:
    form = OrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.answering():
            organisations.create_organisation(actor=user_of(request), name=form.cleaned_data["name"])
            agreeing.accept_current(user=user_of(request))
            return redirect("web:home")
    return render(request, "web/account/join_requester.html", {"form": form})


@signed_in
@require_http_methods(FORM)
def agree(request: HttpRequest) -> HttpResponse:
    """Shown when a text has changed, and before the first task; leads back to where he was."""
    form = AgreeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        versions = {one: request.POST.get(f"version_{one}", "") for one in terms.AGREED}
        with form.answering():
            agreeing.accept(user=user_of(request), versions=versions)
            return redirect(_back(request))
    missing = [terms.current(one) for one in terms.missing(user_of(request))]
    texts = [(one, markdown.render(one.text, deepest=1)) for one in missing]
    versions = {one: terms.current(one).version for one in terms.AGREED}
    context = {"form": form, "texts": texts, "versions": versions, "next": _back(request)}
    return render(request, "web/account/agree.html", context)


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return page_of_ours(request, wanted, otherwise="/")
