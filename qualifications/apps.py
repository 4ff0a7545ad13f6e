from django.apps import AppConfig


class QualificationsConfig(AppConfig):
    name = "qualifications"
    label = "qualifications"
    default_auto_field = "django.db.models.BigAutoField"
