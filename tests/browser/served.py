"""The site in a process of its own, on the tests' database and files, so that a test can kill it as a power cut would.

`gunicorn tests.browser.served:application`; `Server` starts, kills and starts it again at the same address.
"""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
DATABASE, FILES = "CROWD_SERVED_DATABASE", "CROWD_SERVED_FILES"


class Server:
    def __init__(self, database: str) -> None:
        where = {DATABASE: database, FILES: str(settings.MEDIA_ROOT)}
        self.environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", **where}
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.start()

    def start(self) -> None:
        where = ["--bind", f"127.0.0.1:{self.port}", "--threads", "4", "--log-level", "error"]
        command = [sys.executable, "-m", "gunicorn", *where, "tests.browser.served:application"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, start_new_session=True)

    def answers(self) -> bool:
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """All of its processes at once, in the middle of whatever they do."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=20)


if DATABASE in os.environ:
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.wsgi import get_wsgi_application

    told = os.environ[DATABASE], os.environ[FILES]  # the tests' settings forget what is set at the keyboard
    settings.DATABASES["default"]["NAME"], settings.MEDIA_ROOT = told
    settings.ALLOWED_HOSTS = ["localhost"]
    application = StaticFilesHandler(get_wsgi_application())
