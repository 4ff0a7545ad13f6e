"""Everything that the site keeps about a person. Each app says its part: `my_data(user)` in its queries.py."""

from importlib import import_module
from typing import Any

from django.apps import apps
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.module_loading import module_has_submodule


def everything(user: AbstractBaseUser) -> dict[str, Any]:
    """As plain data, by what it is about; for the person himself."""
    found: dict[str, Any] = {}
    for app in apps.get_app_configs():
        if app.module and module_has_submodule(app.module, "queries"):
            say = getattr(import_module(f"{app.name}.queries"), "my_data", None)
            found |= say(user) if say else {}
    return found
