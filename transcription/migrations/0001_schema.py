"""The tables of recordings, tracks and transcripts."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    # What a database that was made before 0.1.0 has run.
    replaces = [
        ("transcription", "0001_initial"),
        ("transcription", "0002_job_messages_and_repeated_uploads"),
        ("transcription", "0003_job_tries"),
        ("transcription", "0004_tracks"),
        ("transcription", "0005_interrupted_tracks"),
        ("transcription", "0007_job_priority"),
        ("transcription", "0010_review"),
        ("transcription", "0013_by_server"),
        ("transcription", "0014_exchanges"),
        ("transcription", "0015_capture_sweeps"),
        ("transcription", "0017_when_it_was_said"),
    ]

    dependencies = [("records", "0001_schema")]

    operations = [
        migrations.CreateModel(
            name='Exchange',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=40, unique=True)),
                ('token', models.BinaryField(max_length=32)),
                ('key', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.datakey')),
                ('secret', models.BinaryField()),
                ('added_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('revoked_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Recording',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recordings', to=settings.AUTH_USER_MODEL)),
                ('origin', models.CharField(choices=[('call', 'Call'), ('voice', 'Voice'), ('track', 'Track'), ('talk', 'Talk')], default='call', max_length=8)),
                ('follow_up', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='recordings', to='records.followup')),
                ('thread', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='voice_notes', to='records.chain')),
                ('message', models.CharField(max_length=64, null=True)),
                ('message_at', models.DateTimeField(null=True)),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client_id', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('key', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.datakey')),
                ('name', models.BinaryField()),
                ('media_type', models.CharField(max_length=64)),
                ('language', models.CharField(default='auto', max_length=8)),
                ('detected', models.CharField(blank=True, max_length=8)),
                ('size', models.BigIntegerField(default=0)),
                ('duration_s', models.FloatField(null=True)),
                ('channels', models.PositiveSmallIntegerField(null=True)),
                ('state', models.CharField(choices=[('unsent', 'Unsent'), ('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('needs_review', 'Needs Review')], default='queued', max_length=16)),
                ('failure', models.CharField(blank=True, max_length=40)),
                ('warnings', models.JSONField(default=list)),
                ('outline', models.BinaryField(null=True)),
                ('peaks', models.BinaryField(null=True)),
                ('markers', models.JSONField(null=True)),
                ('exchange', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transcription.exchange')),
                ('call_id', models.CharField(max_length=120, null=True)),
                ('manifest', models.BinaryField()),
                ('seq', models.BigIntegerField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('uploaded_by', 'client_id'), name='recording_client_once'), models.UniqueConstraint(condition=models.Q(('exchange__isnull', False)), fields=('exchange', 'call_id'), name='exchange_call_once'), models.CheckConstraint(condition=models.Q(models.Q(('follow_up__isnull', False), ('origin', 'call'), ('thread__isnull', True)), models.Q(('follow_up__isnull', True), ('origin__in', ['voice', 'track', 'talk']), ('thread__isnull', False)), _connector='OR'), name='recording_has_its_place'), models.CheckConstraint(condition=models.Q(models.Q(('origin', 'voice'), ('seq__isnull', True), ('state', 'unsent')), models.Q(models.Q(('state', 'unsent'), _negated=True), ('seq__isnull', False)), _connector='OR'), name='recording_is_in_the_ledger')],
            },
        ),
        migrations.CreateModel(
            name='Capture',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('call', models.UUIDField()),
                ('generation', models.PositiveSmallIntegerField()),
                ('thread', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='captures', to='records.chain')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('people', models.JSONField()),
                ('silent', models.JSONField(default=list)),
                ('listened_at', models.DateTimeField(null=True)),
                ('on_at', models.BigIntegerField()),
                ('off_at', models.BigIntegerField(null=True)),
                ('state', models.CharField(choices=[('on', 'On'), ('waiting', 'Waiting'), ('joining', 'Joining'), ('done', 'Done'), ('empty', 'Empty'), ('dropped', 'Dropped'), ('failed', 'Failed')], default='on', max_length=8)),
                ('recording', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='capture', to='transcription.recording')),
                ('attempt', models.PositiveSmallIntegerField(default=0)),
                ('sent_at', models.DateTimeField(null=True)),
                ('holder', models.UUIDField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ['on', 'waiting', 'joining'])), fields=['state'], name='capture_sweep')],
                'constraints': [models.UniqueConstraint(fields=('call', 'generation'), name='capture_once')],
            },
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recording', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='job', to='transcription.recording')),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed')], default='queued', max_length=16)),
                ('progress', models.FloatField(default=0)),
                ('priority', models.PositiveSmallIntegerField(choices=[(0, 'Backlog'), (1, 'Normal'), (2, 'Waited For')], default=1)),
                ('tries', models.PositiveSmallIntegerField(default=1)),
                ('attempt', models.PositiveIntegerField(default=0)),
                ('holder', models.UUIDField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'lease_until'], name='job_sweep'), models.Index(fields=['state', '-priority', 'created_at'], name='job_turn')],
            },
        ),
        migrations.CreateModel(
            name='ReviewDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recording', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transcription.recording')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('version', models.PositiveBigIntegerField(default=0)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('key', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.datakey')),
                ('body', models.BinaryField(default=b'')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('recording', 'person'), name='review_draft_once')],
            },
        ),
        migrations.CreateModel(
            name='Segment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recording', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='segments', to='transcription.recording')),
                ('index', models.PositiveIntegerField()),
                ('size', models.PositiveIntegerField()),
                ('path', models.CharField(max_length=200)),
                ('sha256', models.BinaryField(max_length=32)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('recording', 'index'), name='segment_once')],
            },
        ),
        migrations.CreateModel(
            name='Track',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('capture', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tracks', to='transcription.capture')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client_id', models.CharField(max_length=64)),
                ('started_at', models.BigIntegerField()),
                ('captured_ms', models.BigIntegerField(default=0)),
                ('missing_ms', models.BigIntegerField(default=0)),
                ('size', models.BigIntegerField(default=0)),
                ('length', models.BigIntegerField(null=True)),
                ('last_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('key', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.datakey')),
                ('by_server', models.BooleanField(default=False)),
                ('interrupted', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('open', 'Open'), ('ended', 'Ended'), ('sealed', 'Sealed'), ('dropped', 'Dropped')], default='open', max_length=8)),
                ('recording', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='track', to='transcription.recording')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('person', 'client_id'), name='track_client_once')],
            },
        ),
        migrations.CreateModel(
            name='Piece',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('track', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pieces', to='transcription.track')),
                ('offset', models.BigIntegerField()),
                ('size', models.PositiveIntegerField()),
                ('path', models.CharField(max_length=200)),
                ('sha256', models.BinaryField(max_length=32)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('track', 'offset'), name='piece_once')],
            },
        ),
        migrations.CreateModel(
            name='Transcript',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recording', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='transcripts', to='transcription.recording')),
                ('version', models.PositiveIntegerField()),
                ('based_on', models.PositiveIntegerField(null=True)),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client_id', models.CharField(max_length=64, null=True)),
                ('engine', models.CharField(blank=True, max_length=40)),
                ('model', models.CharField(blank=True, max_length=80)),
                ('model_version', models.CharField(blank=True, max_length=80)),
                ('lines', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('key', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.datakey')),
                ('body', models.BinaryField()),
                ('untold', models.BooleanField(default=False)),
                ('seq', models.BigIntegerField()),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('untold', True)), fields=['id'], name='transcript_untold')],
                'constraints': [models.UniqueConstraint(fields=('recording', 'version'), name='transcript_version_once'), models.UniqueConstraint(fields=('recording', 'author', 'client_id'), name='transcript_client_once')],
            },
        ),
        migrations.CreateModel(
            name='SignOff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('transcript', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='signoff', to='transcription.transcript')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('doubts_left', models.PositiveIntegerField()),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('seq', models.BigIntegerField()),
            ],
        ),
    ]
