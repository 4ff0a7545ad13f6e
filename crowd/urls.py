"""Addresses of the whole site. Each door keeps its own list; this one only puts them together."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from crowd.kernel.health import health

handler400 = "crowd.web.errors.bad_request"
handler500 = "crowd.api.errors.server_error"
urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("_allauth/", include("allauth.headless.urls")),
    path("api/v1/", include("crowd.api.urls")),
    path("requester/", include("crowd.web.requester.urls")),
    path("staff/", include("crowd.web.staff.urls")),
    path("", include("crowd.web.urls")),
]
