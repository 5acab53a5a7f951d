import uuid

from django.db import migrations, models

from records.retention import triggers


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0012_row_numbers'),
    ]

    operations = [
        migrations.CreateModel(
            name='Rewrapping',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('kek_id', models.CharField(max_length=64)),
                ('kek_version', models.PositiveIntegerField()),
                ('until', models.BigIntegerField()),
            ],
        ),
        triggers.install(triggers.WRAPPING_RULES),
    ]
