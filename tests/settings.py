"""The project's settings as tests want them: the same for everybody, whatever is set at the keyboard, and fast."""

import os

KEPT = {"CROWD_DATA", "CROWD_DATASETS", "CROWD_POSTGRES_BIN", "CROWD_TEST_DATABASE"}
for name in [name for name in os.environ if name.startswith("CROWD_") and name not in KEPT]:
    del os.environ[name]
os.environ["CROWD_CLOCK_MAY_SHIFT"] = "1"
# What the tests of these two turn on; everybody else's first project opens, and his staff sign in simply.
os.environ["CROWD_REVIEW_FIRST_PROJECT"] = os.environ["CROWD_STAFF_SECOND_FACTOR"] = "0"
os.environ.setdefault("CELERY_BROKER_URL", "memory://")

from crowd.settings import *  # noqa: E402, F403
from crowd.settings import DATABASES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Nothing here must survive a power cut; saves a disk flush at every commit.
DATABASES["default"]["OPTIONS"].setdefault("options", "-c synchronous_commit=off")
