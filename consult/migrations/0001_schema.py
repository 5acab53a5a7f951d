"""The tables of the consultation, and what the database itself refuses of them."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models

from records.ledger.guards import guard, let_be_emptied
from records.retention import triggers


class Migration(migrations.Migration):

    initial = True

    # What a database that was made before 0.1.0 has run.
    replaces = [
        ("consult", "0001_initial"),
        ("consult", "0002_append_only_events"),
        ("consult", "0003_evidence_packs"),
        ("consult", "0004_attachments"),
        ("consult", "0005_unsent_and_broadcasts"),
        ("consult", "0006_keys_apart"),
        ("consult", "0008_family"),
        ("consult", "0009_kept"),
        ("consult", "0010_packs_of_several_cases"),
        ("consult", "0011_addressees"),
        ("consult", "0012_client_ids_by_time"),
        ("consult", "0016_retention"),
        ("consult", "0017_calls"),
        ("consult", "0022_rooms"),
        ("consult", "0023_recording_joined"),
        ("consult", "0024_captions"),
        ("consult", "0025_call_plans"),
        ("consult", "0027_quality_in_packs"),
    ]

    dependencies = [("records", "0001_schema"), ("transcription", "0001_schema")]

    operations = [
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('thread', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='records.chain')),
                ('uploader', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client_id', models.CharField(max_length=80)),
                ('touched_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('message', models.CharField(max_length=64, null=True)),
                ('kind', models.CharField(choices=[('image', 'Image'), ('pdf', 'Pdf')], max_length=8)),
                ('media_type', models.CharField(max_length=32)),
                ('size', models.PositiveIntegerField()),
                ('width', models.PositiveIntegerField(null=True)),
                ('height', models.PositiveIntegerField(null=True)),
                ('pages', models.PositiveIntegerField(null=True)),
                ('key', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.datakey')),
                ('name', models.BinaryField()),
                ('received', models.BinaryField()),
                ('thumb', models.BinaryField(null=True)),
                ('segments', models.JSONField()),
            ],
            options={
                'indexes': [models.Index(fields=['touched_at'], name='attachment_sweep'), models.Index(fields=['uploader', 'touched_at'], name='attachment_recent')],
                'constraints': [models.UniqueConstraint(fields=('uploader', 'client_id'), name='attachment_client_once')],
            },
        ),
        migrations.CreateModel(
            name='Broadcast',
            fields=[
                ('chain', models.OneToOneField(db_column='id', on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='records.chain')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client_id', models.CharField(max_length=64)),
                ('cohort', models.CharField(max_length=64)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('seq', models.BigIntegerField(default=1)),
                ('key', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.datakey')),
                ('body', models.BinaryField()),
                ('state', models.CharField(choices=[('sending', 'Sending'), ('done', 'Done'), ('stopped', 'Stopped')], default='sending', max_length=16)),
                ('holder', models.UUIDField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'lease_until'], name='broadcast_sweep')],
                'constraints': [models.UniqueConstraint(fields=('author', 'client_id'), name='broadcast_client_once')],
            },
        ),
        migrations.CreateModel(
            name='Addressees',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('broadcast', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='addressees', to='consult.broadcast')),
                ('number', models.PositiveIntegerField()),
                ('people', models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name='BroadcastRecipient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('broadcast', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='recipients', to='consult.broadcast')),
                ('patient', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Sent'), ('opted_out', 'Opted Out'), ('failed', 'Failed')], default='waiting', max_length=16)),
                ('failure', models.CharField(blank=True, max_length=40)),
                ('thread', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.chain')),
                ('seq', models.BigIntegerField(null=True)),
                ('at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['broadcast', 'state', 'id'], name='recipient_states')],
                'constraints': [models.UniqueConstraint(fields=('broadcast', 'patient'), name='recipient_once')],
            },
        ),
        migrations.CreateModel(
            name='Consultation',
            fields=[
                ('chain', models.OneToOneField(db_column='id', on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='records.chain')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consultations', to=settings.AUTH_USER_MODEL)),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consultations', to='records.department')),
                ('assignee', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assigned_consultations', to=settings.AUTH_USER_MODEL)),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('active', 'Active'), ('closed', 'Closed')], default='queued', max_length=8)),
                ('red_flags', models.JSONField(default=list)),
                ('opened_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('claimed_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('needs_reply_since', models.DateTimeField(null=True)),
                ('last_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('rounds', models.PositiveSmallIntegerField(null=True)),
                ('rounds_used', models.PositiveSmallIntegerField(default=0)),
                ('until', models.DateTimeField(null=True)),
                ('kept', models.CharField(blank=True, choices=[('sealed', 'Sealed'), ('shredded', 'Shredded')], default='', max_length=8)),
                ('family', models.TextField(null=True)),
                ('client_id', models.CharField(max_length=64)),
            ],
            options={
                'indexes': [models.Index(fields=['department', 'state', 'opened_at'], name='queue_order')],
                'constraints': [models.UniqueConstraint(fields=('patient', 'client_id'), name='consultation_client_once'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'active'), _negated=True), ('assignee__isnull', False), _connector='OR'), name='active_has_assignee')],
            },
        ),
        migrations.CreateModel(
            name='CallPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='consult.consultation')),
                ('seq', models.PositiveIntegerField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('from_doctor', models.BooleanField()),
                ('media', models.JSONField(default=list)),
                ('slots', models.JSONField()),
                ('state', models.CharField(choices=[('proposed', 'Proposed'), ('agreed', 'Agreed'), ('over', 'Over')], default='proposed', max_length=8)),
                ('at', models.BigIntegerField(null=True)),
                ('reminded', models.BooleanField(default=False)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'agreed')), fields=['at'], name='call_plan_due')],
                'constraints': [models.UniqueConstraint(fields=('consultation', 'seq'), name='call_plan_once'), models.UniqueConstraint(condition=models.Q(('state__in', ('proposed', 'agreed'))), fields=('consultation',), name='one_open_plan_a_case'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'agreed'), _negated=True), ('at__isnull', False), _connector='OR'), name='agreed_on_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Cursor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('thread', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cursors', to='records.chain')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('delivered', models.BigIntegerField(default=0)),
                ('read', models.BigIntegerField(default=0)),
                ('delivered_at', models.BigIntegerField(null=True)),
                ('read_at', models.BigIntegerField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('thread', 'person'), name='cursor_once')],
            },
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('thread', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.chain')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='drafts', to=settings.AUTH_USER_MODEL)),
                ('version', models.PositiveBigIntegerField(default=0)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('key', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.datakey')),
                ('body', models.BinaryField(default=bytes)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('thread', 'person'), name='draft_once')],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('thread', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='records.chain')),
                ('seq', models.BigIntegerField()),
                ('kind', models.CharField(max_length=40)),
                ('at', models.BigIntegerField()),
                ('sender', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client_id', models.CharField(max_length=64, null=True)),
                ('key', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.datakey')),
                ('body', models.BinaryField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('thread', 'seq'), name='event_seq_once'), models.UniqueConstraint(fields=('client_id', 'thread', 'sender'), name='event_client_once')],
            },
        ),
        migrations.CreateModel(
            name='EvidencePack',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('grant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='packs', to='records.accessgrant')),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('content', models.JSONField(default=list)),
                ('printed', models.BooleanField(default=False)),
                ('quality', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('expired', 'Expired')], default='queued', max_length=16)),
                ('progress', models.FloatField(default=0)),
                ('failure', models.CharField(blank=True, max_length=40)),
                ('attempt', models.PositiveIntegerField(default=0)),
                ('holder', models.UUIDField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('name', models.CharField(blank=True, max_length=80)),
                ('key', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.datakey')),
                ('segments', models.JSONField(default=list)),
                ('size', models.BigIntegerField(null=True)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('expires_at', models.DateTimeField(null=True)),
                ('also', models.ManyToManyField(related_name='+', to='records.accessgrant')),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'lease_until'], name='pack_sweep')],
            },
        ),
        migrations.CreateModel(
            name='NoticeChoice',
            fields=[
                ('patient', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('opted_out', models.BooleanField(default=False)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='NoticeThread',
            fields=[
                ('chain', models.OneToOneField(db_column='id', on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='records.chain')),
                ('patient', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Retraction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('thread', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.chain')),
                ('of', models.BigIntegerField()),
                ('seq', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('thread', 'of'), name='retracted_once')],
            },
        ),
        migrations.CreateModel(
            name='ScheduledMessage',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('thread', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.chain')),
                ('sender', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client_id', models.CharField(max_length=64)),
                ('at', models.DateTimeField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Sent'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='waiting', max_length=16)),
                ('failure', models.CharField(blank=True, max_length=40)),
                ('seq', models.BigIntegerField(null=True)),
                ('key', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.datakey')),
                ('body', models.BinaryField(default=bytes)),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'at'], name='scheduled_due')],
                'constraints': [models.UniqueConstraint(fields=('sender', 'thread', 'client_id'), name='scheduled_client_once')],
            },
        ),
        migrations.CreateModel(
            name='SideThread',
            fields=[
                ('chain', models.OneToOneField(db_column='id', on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='records.chain')),
                ('about', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='side', to='consult.consultation')),
                ('last_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='Call',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='calls', to='consult.consultation')),
                ('caller', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('callee', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('room', models.BooleanField(default=False)),
                ('side', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='calls', to='consult.sidethread')),
                ('state', models.CharField(choices=[('ringing', 'Ringing'), ('active', 'Active'), ('ended', 'Ended'), ('declined', 'Declined'), ('missed', 'Missed'), ('busy', 'Busy'), ('cancelled', 'Cancelled'), ('failed', 'Failed')], default='ringing', max_length=12)),
                ('media', models.JSONField()),
                ('at', models.BigIntegerField()),
                ('until', models.BigIntegerField()),
                ('shown', models.BooleanField(default=False)),
                ('answered_at', models.BigIntegerField(null=True)),
                ('ended_at', models.BigIntegerField(null=True)),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reason', models.CharField(blank=True, default='', max_length=32)),
                ('poor_ms', models.BigIntegerField(default=0)),
                ('caption_slot', models.PositiveSmallIntegerField(null=True)),
                ('version', models.PositiveIntegerField(default=1)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ('ringing', 'active'))), fields=['until'], name='call_live')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('caption_slot__isnull', False)), fields=('caption_slot',), name='one_call_a_caption_slot')],
            },
        ),
        migrations.CreateModel(
            name='CallRecording',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recordings', to='consult.call')),
                ('generation', models.PositiveIntegerField()),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client_id', models.CharField(max_length=64)),
                ('text_version', models.CharField(max_length=32)),
                ('state', models.CharField(choices=[('asked', 'Asked'), ('on', 'On'), ('refused', 'Refused'), ('withdrawn', 'Withdrawn'), ('stopped', 'Stopped')], default='asked', max_length=12)),
                ('changed_at', models.BigIntegerField()),
                ('started_at', models.BigIntegerField(null=True)),
                ('stopped_at', models.BigIntegerField(null=True)),
                ('joined', models.BooleanField(default=False)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('call', 'generation'), name='call_recording_once'), models.UniqueConstraint(condition=models.Q(('state__in', ('asked', 'on'))), fields=('call',), name='one_open_recording_a_call'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'on'), _negated=True), ('started_at__isnull', False), _connector='OR'), name='recording_started'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'refused'), _negated=True), ('started_at__isnull', True), _connector='OR'), name='refused_never_started')],
            },
        ),
        migrations.CreateModel(
            name='CallConsent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recording', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='consult.callrecording')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('granted', models.BooleanField(null=True)),
                ('at', models.BigIntegerField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('recording', 'person'), name='call_consent_once')],
            },
        ),
        migrations.CreateModel(
            name='CallSeat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seats', to='consult.call')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('state', models.CharField(choices=[('rung', 'Rung'), ('bound', 'Bound'), ('left', 'Left'), ('out', 'Out')], max_length=8)),
                ('live', models.BooleanField(default=True)),
                ('device', models.CharField(blank=True, default='', max_length=64)),
                ('line', models.CharField(blank=True, default='', max_length=32)),
                ('client_id', models.CharField(max_length=64, null=True)),
                ('resumes', models.PositiveIntegerField(default=0)),
                ('seen_at', models.BigIntegerField(null=True)),
                ('away_until', models.BigIntegerField(null=True)),
                ('rung_until', models.BigIntegerField(null=True)),
                ('poor_since', models.BigIntegerField(null=True)),
                ('captions', models.CharField(choices=[('asked', 'Asked'), ('on', 'On'), ('off', 'Off')], max_length=8, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('call', 'person'), name='call_seat_once'), models.UniqueConstraint(condition=models.Q(('live', True)), fields=('person',), name='one_live_call_a_person')],
            },
        ),
        migrations.CreateModel(
            name='SideMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('side', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='consult.sidethread')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('side', 'person'), name='side_member_once')],
            },
        ),
        guard("consult_event", [["id"], ["thread_id", "seq"], ["client_id", "thread_id", "sender_id"]]),
        let_be_emptied("consult_event"),
        guard("consult_retraction", [["id"], ["thread_id", "of"]]),
        triggers.install(triggers.KEY_RULES),
    ]
