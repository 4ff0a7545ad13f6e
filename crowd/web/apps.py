from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "crowd.web"
    label = "web"
