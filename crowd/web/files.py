"""Files that workers brought, for who may see them: from a lasting address on to the signed one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crowd.projects import media
from crowd.review.contributions import contribution_for
from crowd.web.doors import signed_in, user_of


@signed_in
@require_safe
@never_cache
def contribution(request: HttpRequest, media_id: int) -> HttpResponse:
    file = contribution_for(user_of(request), media_id).media
    return redirect("api:media", token=media.sign(file, user_of(request)))
