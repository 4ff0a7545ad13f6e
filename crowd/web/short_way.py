"""The short way to the door that is asked at every answer: the task page's script submits and gets the next task.

Of the middleware chain this door needs a part, and the rest is a third of what a submit costs Python. So what is plain
goes through here, and whatever is not plain in any respect goes the long way, through the chain, as if this were not
there: another method or content, no JSON wanted, http, a host that is none of ours, nobody signed in, no worker, a
database that does not answer when the session is read. Whatever is raised after that is answered on this way, as
Django's chain would, and leaves with the same headers.

Of the chain, in its order:

    SecurityMiddleware, XFrameOptions                      the same headers, of the same middleware
    PolicyMiddleware                                       the same: a page of an error names its nonce
    WhiteNoise, CommonMiddleware                           a submit is no file, and its address ends as it should
    OutageMiddleware, ErrorPages                           the same: they turn what the view raises into an answer
    SessionMiddleware, PersonMiddleware                    the same session, the same checks of it; saved when changed
    LocaleMiddleware                                       the same choice of the language
    CsrfViewMiddleware                                     the same check, of the same middleware
    MessageMiddleware                                      a script's door leaves no messages
    AccountMiddleware                                      none of allauth's own exceptions can come of a submit
    ActivityMiddleware, ReaderZoneMiddleware, PageTime     the same

`tests/web/test_short_way.py` compares the two ways, header by header and refusal by refusal.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import DisallowedHost
from django.core.handlers.exception import convert_exception_to_response
from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers

from crowd.kernel.outage import OutageMiddleware
from crowd.kernel.zone import ReaderZoneMiddleware
from crowd.users.activity import ActivityMiddleware
from crowd.web.errors import ErrorPages, wants_json
from crowd.web.page_time import PageTime
from crowd.web.policy import PolicyMiddleware
from crowd.web.worker import task
from workers import sign_in

SUBMIT = re.compile(r"/work/tasks/([1-9][0-9]{0,17})/submit/")
FORM = "application/x-www-form-urlencoded"
Chain = Callable[[HttpRequest], HttpResponse]


class ShortWay:
    """The first middleware of all. `short`: the part of the chain that a submit needs, around the view."""

    def __init__(self, get_response: Chain) -> None:
        self.long = get_response
        self.sessions = SessionMiddleware(get_response)
        self.csrf, self.policy = CsrfViewMiddleware(get_response), PolicyMiddleware(get_response)
        self.outage, self.errors = OutageMiddleware(self._view), ErrorPages(self._view)
        self.short = _answering(ActivityMiddleware(ReaderZoneMiddleware(PageTime(_answering(self._view)))))
        self.headers: dict[bool, Mapping[str, str]] = {}  # by whether the request was secure

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        found = SUBMIT.fullmatch(request.path_info)
        if found is None or not _is_plain(request):
            return self.long(request)
        request.short_way_to = int(found[1])  # type: ignore[attr-defined]
        return self._submit(request)

    def _submit(self, request: HttpRequest) -> HttpResponseBase:
        if not _is_workers(request):
            return self.long(request)
        translation.activate(translation.get_language_from_request(request))
        request.LANGUAGE_CODE = translation.get_language()
        self.policy.process_request(request)
        self.csrf.process_request(request)
        return self._finished(request, self.short(request))

    def _view(self, request: HttpRequest) -> HttpResponse:
        if refused := self.csrf.process_view(request, task.submission, (), {}):  # it reads the form, which may raise
            return cast(HttpResponse, refused)
        try:
            return task.submission(request, assignment_id=request.short_way_to)  # type: ignore[attr-defined, return-value]
        except Exception as error:
            answered = self.errors.process_exception(request, error) or self.outage.process_exception(request, error)
            if answered is None:
                raise
            return answered

    def _finished(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        response.headers.setdefault("Content-Length", str(len(response.content)))  # type: ignore[attr-defined]
        response = self.policy.process_response(request, self.csrf.process_response(request, response))
        if request.session.modified:
            response = self.sessions.process_response(request, response)  # type: ignore[arg-type]
        secure = request.is_secure()
        if secure not in self.headers:
            self.headers[secure] = _of_every_answer(request)
        for name, value in self.headers[secure].items():
            response.headers.setdefault(name, value)
        return response


def _answering(chain: Chain) -> Chain:
    """The same; what it raises becomes an answer, as Django has it of each middleware."""
    return cast(Chain, convert_exception_to_response(chain))


def _is_plain(request: HttpRequest) -> bool:
    """Whether nothing but the view itself has to be asked about it."""
    if request.method != "POST" or request.content_type != FORM or not wants_json(request):
        return False
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        return False
    try:
        return bool(request.get_host())
    except DisallowedHost:
        return False


def _is_workers(request: HttpRequest) -> bool:
    """Whether a worker's session comes with it, who is the request's user then. If not, the chain looks for itself."""
    request.session = sign_in.SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    try:
        request.user = sign_in.user_of(request)
    except Error:  # which the chain meets as well, and answers
        return False
    if request.user.is_authenticated and getattr(request.user, "worker", None) is not None:
        return True
    del request._cached_user  # type: ignore[attr-defined]  # the chain notes that it looked
    return False


def _of_every_answer(request: HttpRequest) -> Mapping[str, str]:
    """The headers of security, which say the same on all answers to requests that are as secure."""
    sample: Any = HttpResponse()
    del sample.headers["Content-Type"]
    for one in (XFrameOptionsMiddleware, SecurityMiddleware):
        middleware: Any = one(HttpResponse)
        middleware.process_response(request, sample)
    return dict(sample.headers)
