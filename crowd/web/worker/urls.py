"""Addresses of the worker's pages, below /work/."""

from django.urls import URLPattern, path

from crowd.web.worker import home

urlpatterns: list[URLPattern] = [
    path("", home.work, name="work"),
    path("welcome/", home.welcome, name="welcome"),
]
