"""Pages for everybody: what this is, and what is agreed to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from crowd.users import terms
from crowd.users.models import User
from crowd.users.states import Document
from crowd.web import markdown
from crowd.web.navigation import home_of


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User):
        return redirect(home_of(request.user))
    return render(request, "web/guest.html")


@require_safe
def terms_page(request: HttpRequest) -> HttpResponse:
    return _document(request, Document.TERMS)


@require_safe
def privacy_page(request: HttpRequest) -> HttpResponse:
    return _document(request, Document.PRIVACY)


def _document(request: HttpRequest, document: str) -> HttpResponse:
    text = terms.current(document)
    return render(request, "web/document.html", {"text": text, "html": markdown.render(text.text, deepest=0)})
