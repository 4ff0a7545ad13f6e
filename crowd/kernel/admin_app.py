"""Stands in INSTALLED_APPS in the place of django.contrib.admin."""

from django.contrib.admin.apps import AdminConfig


class ReadOnlyAdminConfig(AdminConfig):
    default_site = "crowd.kernel.admin_site.ReadOnlySite"
