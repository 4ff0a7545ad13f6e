from crowd.kernel.admin_site import show
from crowd.users.models import (
    ApiKey,
    AuditEntry,
    Invitation,
    Membership,
    Organisation,
    PersonKey,
    TermsAcceptance,
    User,
)

show(
    User,
    *("id", "email", "is_staff", "is_active", "date_joined", "closed_at"),
    search=["email", "=id"],
    filters=["is_staff", "is_active"],
    hidden=["password", "user_permissions", "groups"],
)
show(PersonKey, "id", "user", "purpose", "destroy_after", "destroyed_at", search=["=user__id"], hidden=["wrapped_key"])
show(Organisation, "id", "name", "created_at", search=["name", "=id"], hidden=["members"])
show(
    Membership,
    *("id", "organisation", "user", "role", "created_at"),
    search=["user__email", "organisation__name"],
    filters=["role"],
)
show(
    Invitation,
    *("id", "organisation", "email", "role", "expires_at", "accepted_at", "revoked_at"),
    search=["email", "organisation__name"],
    hidden=["token_digest"],
)
show(
    ApiKey,
    *("id", "prefix", "user", "name", "scopes", "last_used_at", "expires_at", "revoked_at"),
    search=["prefix", "user__email"],
    hidden=["digest"],
)
show(
    AuditEntry,
    *("id", "at", "actor", "action", "subject_type", "subject_id", "organisation"),
    search=["action", "subject_type", "=subject_id"],
)
show(TermsAcceptance, "id", "user", "document", "version", "accepted_at", search=["user__email"])
