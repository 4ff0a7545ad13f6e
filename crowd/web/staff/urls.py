"""Addresses of the staff's pages, below /staff/."""

from django.urls import URLPattern

app_name = "staff"

urlpatterns: list[URLPattern] = []
