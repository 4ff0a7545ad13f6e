from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "crowd.kernel"
    label = "kernel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Bound here and not in crowd/__init__.py, so that `import crowd.quality` loads neither Celery nor Django.
        from crowd import celery  # noqa: F401
        from crowd.kernel import checks  # noqa: F401
