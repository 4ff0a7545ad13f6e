"""Pages for people. So far the one that says what this is."""

from django.urls import URLPattern, path
from django.views.generic import TemplateView

app_name = "web"

urlpatterns: list[URLPattern] = [
    path("", TemplateView.as_view(template_name="web/home.html"), name="home"),
]
