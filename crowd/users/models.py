from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from crowd.users.states import Document, KeyPurpose, Role


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A login. With a Worker row he works, as member of an organisation he posts, with `is_staff` he runs the site."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    is_staff = models.BooleanField(_("staff"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(db_default=Now())
    timezone = models.CharField(_("time zone"), max_length=63, default="UTC")
    language = models.CharField(_("language"), max_length=10, default="en")
    # Closed by its owner: no more work, but sign-in stays for his earnings. Erased: nobody signs in any more.
    closed_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="users_user_email_unique")]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.name or self.email


class TermsAcceptance(models.Model):
    """Somebody agreed to a document as it read then. Insert-only; a new version asks for a new row."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="acceptances", db_index=False)
    document = models.CharField(max_length=10, choices=Document)
    version = models.CharField(max_length=20)
    accepted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "document", "version"], name="users_acceptance_once"),
            models.CheckConstraint(condition=models.Q(document__in=Document.values), name="users_acceptance_document"),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} accepted {self.document} {self.version}"


class PersonKey(models.Model):
    """A key that a person's stored personal values are encrypted with; destroyed when the account is erased.

    The one for payouts has its own time, because the law wants their records kept.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="person_keys", db_index=False
    )
    purpose = models.CharField(max_length=10, choices=KeyPurpose, default=KeyPurpose.PERSON)
    wrapped_key = models.BinaryField(null=True)
    destroy_after = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "purpose"], name="users_personkey_unique"),
            models.CheckConstraint(condition=models.Q(purpose__in=KeyPurpose.values), name="users_personkey_purpose"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} key of user {self.user_id}"


class Organisation(models.Model):
    """Who posts projects and pays for them."""

    name = models.CharField(_("name"), max_length=150)
    created_at = models.DateTimeField(db_default=Now())
    members = models.ManyToManyField(User, through="Membership", related_name="organisations")

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships", db_index=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "user"], name="users_membership_unique"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="users_membership_role"),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} in organisation {self.organisation_id}"


class Invitation(models.Model):
    """An invitation into an organisation, sent as a link that works once."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    token_digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"invitation {self.pk} into organisation {self.organisation_id}"


class ApiKey(models.Model):
    """Acts for its user, within its scopes. Only a digest is stored; the key itself is shown once."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_keys")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=20))
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"ck_{self.prefix}_…"


class AuditEntry(models.Model):
    """Who did what to which thing, and how it was before. Insert-only (a trigger refuses the rest)."""

    at = models.DateTimeField()
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # null: the site itself
    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="users_audit_subject"),
            models.Index(fields=["organisation", "id"], name="users_audit_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_type} {self.subject_id}"
