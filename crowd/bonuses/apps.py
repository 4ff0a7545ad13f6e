from django.apps import AppConfig


class BonusesConfig(AppConfig):
    name = "crowd.bonuses"
    label = "bonuses"
    default_auto_field = "django.db.models.BigAutoField"
