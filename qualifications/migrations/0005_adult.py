"""Who agreed to see adult content, as a qualification that is read from the worker."""

from django.db import migrations

NAME = "Adult content"
DESCRIPTION = "1 for who agreed to see adult content, 0 for who did not."


def add(apps, schema_editor):
    apps.get_model("qualifications", "Qualification").objects.create(system="adult", name=NAME, description=DESCRIPTION)


def remove(apps, schema_editor):
    apps.get_model("qualifications", "Qualification").objects.filter(system="adult").delete()


class Migration(migrations.Migration):
    dependencies = [("qualifications", "0004_skills_requests_pools")]
    operations = [migrations.RunPython(add, remove)]
