"""The qualifications that nobody grants: their values are read from the worker."""

from django.db import migrations

SYSTEM = {
    "accepted_count": ("Accepted answers", "How many of your answers were accepted on this site."),
    "acceptance_rate": (
        "Acceptance rate",
        "Accepted answers among the decided ones, in per cent; 100 until a hundred are decided.",
    ),
    "locale": ("Country or region", "Where you live, as you told us."),
    "account_age_days": ("Days since joining", "How many days ago you joined as a worker."),
    "adult": ("Adult content", "1 for who agreed to see adult content, 0 for who did not."),
}


def add(apps, schema_editor):
    model = apps.get_model("qualifications", "Qualification")
    for system, (name, description) in SYSTEM.items():
        model.objects.create(system=system, name=name, description=description)


def remove(apps, schema_editor):
    apps.get_model("qualifications", "Qualification").objects.exclude(system="").delete()


class Migration(migrations.Migration):
    replaces = [("qualifications", "0003_system")]
    dependencies = [("qualifications", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
