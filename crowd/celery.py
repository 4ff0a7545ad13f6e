"""The Celery application. Jobs live in each app's `jobs.py`: Task is a word of the domain here."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crowd.settings")

app = Celery("crowd", task_cls="crowd.kernel.job_runs:NotedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="jobs")
