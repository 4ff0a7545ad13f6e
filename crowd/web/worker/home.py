"""Where a worker's day begins."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crowd.web.doors import for_worker
from workers.models import Worker


@for_worker
@require_safe
def welcome(request: HttpRequest, worker: Worker) -> HttpResponse:
    return render(request, "web/worker/welcome.html")


@for_worker
@require_safe
def work(request: HttpRequest, worker: Worker) -> HttpResponse:
    return render(request, "web/worker/welcome.html")
