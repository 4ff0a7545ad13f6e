from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "crowd.api"
    label = "api"

    def ready(self) -> None:
        from crowd.api import schema  # noqa: F401  (tells the schema how we sign in)
