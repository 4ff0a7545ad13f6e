from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """What a member may do in his organisation: an owner also manages members, money and API keys."""

    OWNER = "owner", _("owner")
    MEMBER = "member", _("member")


class Scope(TextChoices):
    """What an API key may be used for; a key never gives more than its user may do himself."""

    READ = "read", _("read everything its user may see")
    WORK = "work", _("take and submit tasks, and payouts of its user")
    PROJECTS = "projects", _("post and run projects")
    MONEY = "money", _("publish, add budget, accept and reject, give bonuses, withdraw")
    STAFF = "staff", _("staff work, where its user is staff")


class KeyPurpose(TextChoices):
    """What one of a person's keys encrypts; each is destroyed at its own time."""

    PERSON = "person", _("personal values")
    PAYOUTS = "payouts", _("records of payouts")


class Document(TextChoices):
    """What a person agrees to, or declares."""

    TERMS = "terms", _("terms")
    PRIVACY = "privacy", _("privacy notice")
    ADULT = "adult", _("is 18 or older")
