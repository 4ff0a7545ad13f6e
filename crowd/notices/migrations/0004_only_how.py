from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notices", "0003_how_it_was_chosen")]

    operations = [
        migrations.RemoveField("NoticeChoice", "mail"),
        migrations.AddConstraint(
            "NoticeChoice",
            models.CheckConstraint(
                condition=models.Q(("how__in", ["mail", "site", "none"])), name="notices_choice_how"
            ),
        ),
    ]
