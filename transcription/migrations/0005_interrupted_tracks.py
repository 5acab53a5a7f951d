
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('transcription', '0014_exchanges'),
    ]

    operations = [
        migrations.AddField(
            model_name='track',
            name='interrupted',
            field=models.BooleanField(default=False),
        ),
    ]
