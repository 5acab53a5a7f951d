import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models

from records.retention import triggers


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0015_second_approver'),
        ('consult', '0016_retention'),  # the last to make the triggers
        ('transcription', '0007_job_priority'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        triggers.lift(triggers.KEY_RULES),
        migrations.CreateModel(
            name='Capture',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('call', models.UUIDField()),
                ('generation', models.PositiveSmallIntegerField()),
                ('people', models.JSONField()),
                ('silent', models.JSONField(default=list)),
                ('on_at', models.BigIntegerField()),
                ('off_at', models.BigIntegerField(null=True)),
                ('state', models.CharField(choices=[('on', 'On'), ('waiting', 'Waiting'), ('joining', 'Joining'), ('done', 'Done'), ('empty', 'Empty'), ('dropped', 'Dropped'), ('failed', 'Failed')], default='on', max_length=8)),
                ('attempt', models.PositiveSmallIntegerField(default=0)),
                ('holder', models.UUIDField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Piece',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('offset', models.BigIntegerField()),
                ('size', models.PositiveIntegerField()),
                ('path', models.CharField(max_length=200)),
                ('sha256', models.BinaryField(max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name='Track',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('client_id', models.CharField(max_length=64)),
                ('started_at', models.BigIntegerField()),
                ('captured_ms', models.BigIntegerField(default=0)),
                ('missing_ms', models.BigIntegerField(default=0)),
                ('size', models.BigIntegerField(default=0)),
                ('length', models.BigIntegerField(null=True)),
                ('last_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('state', models.CharField(choices=[('open', 'Open'), ('ended', 'Ended'), ('sealed', 'Sealed'), ('dropped', 'Dropped')], default='open', max_length=8)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='recording',
            name='recording_has_its_place',
        ),
        migrations.AlterField(
            model_name='recording',
            name='origin',
            field=models.CharField(choices=[('call', 'Call'), ('voice', 'Voice'), ('track', 'Track'), ('talk', 'Talk')], default='call', max_length=8),
        ),
        migrations.AddConstraint(
            model_name='recording',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('follow_up__isnull', False), ('origin', 'call'), ('thread__isnull', True)), models.Q(('follow_up__isnull', True), ('origin__in', ['voice', 'track', 'talk']), ('thread__isnull', False)), _connector='OR'), name='recording_has_its_place'),
        ),
        migrations.AddField(
            model_name='capture',
            name='asked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='capture',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='capture',
            name='recording',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='capture', to='transcription.recording'),
        ),
        migrations.AddField(
            model_name='capture',
            name='thread',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='captures', to='records.chain'),
        ),
        migrations.AddField(
            model_name='track',
            name='capture',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tracks', to='transcription.capture'),
        ),
        migrations.AddField(
            model_name='track',
            name='key',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.datakey'),
        ),
        migrations.AddField(
            model_name='track',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='track',
            name='recording',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='track', to='transcription.recording'),
        ),
        migrations.AddField(
            model_name='piece',
            name='track',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pieces', to='transcription.track'),
        ),
        migrations.AddIndex(
            model_name='capture',
            index=models.Index(condition=models.Q(('state__in', ['on', 'waiting', 'joining'])), fields=['state'], name='capture_sweep'),
        ),
        migrations.AddConstraint(
            model_name='capture',
            constraint=models.UniqueConstraint(fields=('call', 'generation'), name='capture_once'),
        ),
        migrations.AddConstraint(
            model_name='track',
            constraint=models.UniqueConstraint(fields=('person', 'client_id'), name='track_client_once'),
        ),
        migrations.AddConstraint(
            model_name='piece',
            constraint=models.UniqueConstraint(fields=('track', 'offset'), name='piece_once'),
        ),
        triggers.install(triggers.KEY_RULES),
    ]
