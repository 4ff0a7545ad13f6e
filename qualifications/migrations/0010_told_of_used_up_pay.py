from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("qualifications", "0009_test_pay"),
    ]

    operations = [
        migrations.AddField(
            model_name="testpay",
            name="told_at",
            field=models.DateTimeField(null=True),
        ),
    ]
