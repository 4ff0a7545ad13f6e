"""Addresses of the requester's pages, below /requester/."""

from django.urls import URLPattern

app_name = "requester"

urlpatterns: list[URLPattern] = []
