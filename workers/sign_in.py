"""Who is signed in: allauth's backend, which reads a login together with the worker that he may be."""

from allauth.account.auth_backends import AuthenticationBackend

from crowd.kernel import sql
from crowd.users.models import User
from workers.models import Worker

PERSON = f"""
SELECT {sql.columns(User, "u")}, {sql.columns(Worker, "w")}
FROM users_user u LEFT JOIN workers_worker w ON w.user_id = u.id WHERE u.id = %(user)s
"""  # noqa: S608 (constants)


class PersonBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """Every page and every call asks who somebody is, most of them as a worker: one statement instead of two."""

    def get_user(self, user_id: int) -> User | None:
        found = sql.rows(PERSON, {"user": user_id})
        if not found:
            return None
        user, its_worker = sql.read(User, found[0]), found[0][sql.width(User)]
        worker = None if its_worker is None else sql.read(Worker, found[0], sql.width(User))
        User._meta.get_field("worker").set_cached_value(user, worker)
        if worker is not None:
            worker.user = user
        return user if self.user_can_authenticate(user) else None
