"""The settings of a site, but with a quicker beat, so that a short run sees every sweep; passwords cost nothing."""

from crowd.settings import *  # noqa: F403
from crowd.settings import CELERY_BEAT_SCHEDULE

PACE = 5
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

for entry in CELERY_BEAT_SCHEDULE.values():
    entry["schedule"] /= PACE
    if "options" in entry:
        entry["options"] = {"expires": entry["options"]["expires"] / PACE}
