"""Where a file is found: at a signed address, to which the lasting one of what a worker brought leads."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crowd.projects import media
from crowd.review.contributions import contribution_for
from crowd.web.doors import signed_in, user_of


def media_address(token: str) -> str:
    return reverse("api:media", args=[token])


@signed_in
@require_safe
@never_cache
def contribution(request: HttpRequest, media_id: int) -> HttpResponse:
    file = contribution_for(user_of(request), media_id).media
    return redirect(media_address(media.sign(file, user_of(request), named=True)))
