"""The project's settings as tests want them: the same for everybody, whatever is set at the keyboard, and fast."""

import os

from crowd.kernel.postgres import server

# A data folder of the tests' own, and so an embedded PostgreSQL of their own, which need not survive a power cut. It is
# said only once: the processes of a run inherit it.
TEST_DATA = os.environ.setdefault("CROWD_TEST_DATA", str(server.data_folder() / "tests"))
os.environ["CROWD_DATA"] = TEST_DATA
KEPT = {"CROWD_DATA", "CROWD_DATASETS", "CROWD_POSTGRES_BIN", "CROWD_TEST_DATA", "CROWD_TEST_DATABASE"}
for name in [name for name in os.environ if name.startswith("CROWD_") and name not in KEPT]:
    del os.environ[name]
os.environ.pop("DATABASE_REPLICA_URL", None)  # a site's: it knows nothing of the tests' database
os.environ["CROWD_CLOCK_MAY_SHIFT"] = "1"
# What the tests of these two turn on; everybody else's first project opens, and his staff sign in simply.
os.environ["CROWD_REVIEW_FIRST_PROJECT"] = os.environ["CROWD_STAFF_SECOND_FACTOR"] = "0"
os.environ.setdefault("CELERY_BROKER_URL", "memory://")

from crowd.settings import *  # noqa: E402, F403
from crowd.settings import CACHES, DATABASES  # noqa: E402

CACHES["figures"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "figures"}  # a process's

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Saves a disk flush at every commit, also where the server is somebody else's.
DATABASES["default"]["OPTIONS"].setdefault("options", "-c synchronous_commit=off")
# A static file is looked for when it is asked for: else every test client would look for all of them.
WHITENOISE_AUTOREFRESH = True
