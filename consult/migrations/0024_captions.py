from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consult", "0023_recording_joined"),
    ]

    operations = [
        migrations.AddField(
            model_name="call",
            name="caption_slot",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.UniqueConstraint(
                fields=["caption_slot"], condition=models.Q(caption_slot__isnull=False), name="one_call_a_caption_slot"
            ),
        ),
        migrations.AddField(
            model_name="callseat",
            name="captions",
            field=models.CharField(choices=[("asked", "Asked"), ("on", "On"), ("off", "Off")], max_length=8, null=True),
        ),
    ]
