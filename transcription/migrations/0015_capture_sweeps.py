from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('transcription', '0005_interrupted_tracks'),
    ]

    operations = [
        migrations.AddField(
            model_name='capture',
            name='listened_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='capture',
            name='sent_at',
            field=models.DateTimeField(null=True),
        ),
    ]
