"""What was asked and shown, version by version: label configs, their label trees, guidelines."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from crowd.projects.models.project import Project


class ConfigVersion(models.Model):
    """A label config as it was shown. Insert-only."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="configs", db_index=False)
    version = models.IntegerField()
    config = models.JSONField()
    mapping = models.JSONField(default=dict)  # from the version before: question -> old label -> new one, or null
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "version"], name="projects_config_version")]


class LabelTree(models.Model):
    """The labels of a taxonomy, [[id, title, parent], ...]: kept beside the configs that name them. Insert-only."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="label_trees", db_index=False)
    sha256 = models.CharField(max_length=64)
    nodes = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "sha256"], name="projects_label_tree_once")]

    def __str__(self) -> str:
        return f"label tree {self.pk} of project {self.project_id}"


class GuidelinesVersion(models.Model):
    """Guidelines (Markdown) as they were shown. Insert-only."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="guidelines_versions", db_index=False)
    version = models.IntegerField()
    text = models.TextField()
    parts = models.JSONField(
        default=dict
    )  # what the text was put together from, label by label; empty: written as it is
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "version"], name="projects_guidelines_version")]
