from django.apps import AppConfig


class GoldConfig(AppConfig):
    name = "crowd.gold"
    label = "gold"
    default_auto_field = "django.db.models.BigAutoField"
