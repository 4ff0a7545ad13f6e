"""Saying to staff that what somebody wrote should not be."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from crowd.talk import access, writing
from crowd.talk.services import complaints
from crowd.web.doors import signed_in, user_of
from crowd.web.forms import PageForm


class ComplaintForm(PageForm):
    reason = forms.CharField(
        label=gettext_lazy("What is wrong with it"),
        max_length=writing.MAX_REASON,
        error_messages={"required": gettext_lazy("Please write something.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def message(request: HttpRequest, message_id: int) -> HttpResponse:
    user = user_of(request)
    found, _side = access.message_for(user, message_id)
    form = ComplaintForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.answering():
            complaints.report_message(actor=user, message_id=message_id, **form.cleaned_data)
            messages.success(request, _("Reported. Staff look at it, and you are told what they decided."))
            return redirect("web:notices")
    context = {"form": form, "text": found.text if found.hidden_at is None else None}
    return render(request, "web/talk/report.html", context, status=400 if form.errors else 200)
