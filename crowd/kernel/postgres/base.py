"""Django's PostgreSQL backend, for the embedded server: a refused connection starts the server and tries again."""

import time
from pathlib import Path
from typing import Any

from django.db.backends.postgresql import base
from django.db.utils import OperationalError
from psycopg import OperationalError as Refused

from crowd.kernel.postgres import server
from crowd.kernel.postgres.binaries import NoPostgres

PATIENCE = 20.0  # seconds for a server that is starting or recovering
NOT_YET = ("starting up", "shutting down", "recovery", "not yet accepting")


class DatabaseWrapper(base.DatabaseWrapper):
    """Connects as Django does; only when that fails looks whether the server has to be started."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return super().get_new_connection(conn_params)
            except Refused as error:
                if time.monotonic() > end or not self._worth_another_try(error):
                    raise
            time.sleep(0.05)

    def _worth_another_try(self, error: Refused) -> bool:
        """True when the server was just started, or will be there in a moment."""
        if any(words in str(error) for words in NOT_YET):
            return True
        folder = Path(self.settings_dict["HOST"])
        data = server.data_folder()
        if folder != server.socket_folder(data) or server.is_running(data):
            return False  # it answered: the fault is another one, such as a database that does not exist
        try:
            server.ensure_running(data)
        except (server.CannotStart, NoPostgres) as reason:
            raise OperationalError(str(reason)) from reason
        return True
