"""What comes in: uploads, staged files, media."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from crowd.projects.models.project import Project
from crowd.projects.states import (
    ImportState,
)


class Upload(models.Model):
    """A file of items on its way in: its report names every bad row, and nothing is imported halfway."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="uploads")
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.WAITING)
    format = models.CharField(max_length=10)  # csv, jsonl, zip; json: rows sent in one call
    filename = models.CharField(max_length=255)
    storage_name = models.CharField(max_length=255)
    options = models.JSONField(default=dict)  # crowd.projects.imports.options
    rows_good = models.IntegerField(default=0)
    rows_bad = models.IntegerField(default=0)
    rows_known = models.IntegerField(default=0)
    errors = models.JSONField(default=list)  # [{"row": 3, "column": "label", "reason": "..."}], the first thousand
    attempt = models.SmallIntegerField(default=0)  # only the newest attempt may load: an older one was given up
    alive_at = models.DateTimeField(null=True)  # the last sign of life of whoever runs it
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(state__in=ImportState.values), name="projects_upload_state")]


class StagedFile(models.Model):
    """A file of items that came before it was said what is asked: its columns are known, nothing is imported yet."""

    project = models.OneToOneField(Project, on_delete=models.PROTECT, related_name="staged")
    storage_name = models.CharField(max_length=255)
    filename = models.CharField(max_length=255)
    format = models.CharField(max_length=10)  # csv, jsonl, zip
    delimiter = models.CharField(max_length=1, default=",")
    size = models.BigIntegerField()
    columns = models.JSONField()  # their names, in order
    sample = models.JSONField()  # the first rows
    chosen = models.JSONField(default=dict)  # {"kind", "field", "options"}: what the columns are, once that was said
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())


class MediaFile(models.Model):
    """A requester's image, sound or film in our storage; seen only through signed addresses that expire."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="media")
    storage_name = models.CharField(max_length=255)
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.IntegerField(null=True)  # natural pixels as it is seen (EXIF rotation applied); null: no picture
    height = models.IntegerField(null=True)
    seconds = models.FloatField(null=True)  # how long it plays
    pages = models.IntegerField(null=True)  # of a document
    source_url = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())
