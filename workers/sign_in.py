"""Who is signed in: allauth's backend, which reads a login together with the worker that he may be."""

from allauth.account.auth_backends import AuthenticationBackend

from crowd.users.models import User


class PersonBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """Every page and every call asks who somebody is, most of them as a worker: one statement instead of two."""

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.select_related("worker").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
