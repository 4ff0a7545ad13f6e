"""Addresses of the whole site. Each door keeps its own list; this one only puts them together."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from crowd.kernel.health import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("_allauth/", include("allauth.headless.urls")),
]
# Temporary, while the house is being built: a door appears when it is there.
if find_spec("crowd.api") and find_spec("crowd.api.urls"):
    handler500 = "crowd.api.errors.server_error"
    urlpatterns.append(path("api/v1/", include("crowd.api.urls")))
if find_spec("crowd.web") and find_spec("crowd.web.urls"):
    urlpatterns += [
        path("i18n/", include("django.conf.urls.i18n")),
        path("requester/", include("crowd.web.requester.urls")),
        path("staff/", include("crowd.web.staff.urls")),
        path("", include("crowd.web.urls")),
    ]
