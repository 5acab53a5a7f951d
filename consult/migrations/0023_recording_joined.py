from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consult", "0022_rooms"),
    ]

    operations = [
        migrations.AddField(
            model_name="callrecording",
            name="joined",
            field=models.BooleanField(default=False),
        ),
    ]
