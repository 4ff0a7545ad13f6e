"""Sessions in the database, as Django keeps them, read by a statement that is planned already."""

from typing import Any

from django.contrib.sessions.backends import db

from crowd.kernel import sql

SESSION = """
SELECT session_data FROM django_session WHERE session_key = %(key)s AND expire_date > now()
"""


class SessionStore(db.SessionStore):
    """Every page and every call through a session begins with this look."""

    def load(self) -> dict[str, Any]:
        found = sql.rows(SESSION, {"key": self.session_key})
        if not found:
            self._session_key = None
            return {}
        return self.decode(found[0][0])
