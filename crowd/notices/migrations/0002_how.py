from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial")]

    operations = [
        migrations.RenameModel("MailChoice", "NoticeChoice"),
        migrations.AddField(
            "NoticeChoice",
            "how",
            models.CharField(
                choices=[
                    ("mail", "on the site and by e-mail"),
                    ("site", "on the site"),
                    ("none", "not at all"),
                ],
                default="site",
                max_length=10,
            ),
        ),
    ]
