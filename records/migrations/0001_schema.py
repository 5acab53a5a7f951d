"""The tables of the record, the vault and the ledger, and what the database itself refuses of them."""

import django.db.models.deletion
import django.utils.timezone
import records.ledger.models
import uuid
from django.conf import settings
from django.db import migrations, models

from records.ledger.guards import guard, let_be_emptied
from records.retention import triggers


class Migration(migrations.Migration):

    initial = True

    # What a database that was made before 0.1.0 has run.
    replaces = [
        ("records", "0001_initial"),
        ("records", "0002_tiles_and_checkpoints"),
        ("records", "0003_append_only"),
        ("records", "0004_grant_decision"),
        ("records", "0005_fewer_constraints"),
        ("records", "0006_follow_ups_that_wait"),
        ("records", "0007_wrapped_keys_apart"),
        ("records", "0008_cosignatures"),
        ("records", "0008_timestamps"),
        ("records", "0009_identity"),
        ("records", "0010_break_glass"),
        ("records", "0010_family"),
        ("records", "0010_grant_terms"),
        ("records", "0011_retention"),
        ("records", "0012_row_numbers"),
        ("records", "0013_access_log"),
        ("records", "0013_sampling"),
        ("records", "0014_reading_notes"),
        ("records", "0015_second_approver"),
        ("records", "0016_reviewed_holds"),
        ("records", "0016_rewrapping"),
        ("records", "0018_family_scopes"),
        ("records", "0020_call_outcomes"),
        ("records", "0021_access_reviews"),
        ("records", "0022_two_raters"),
        ("records", "0023_needs"),
    ]

    dependencies = [("auth", "0012_alter_user_first_name_max_length")]

    operations = [
        migrations.CreateModel(
            name='Chain',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('consultation', 'Consultation'), ('side', 'Side'), ('notices', 'Notices'), ('broadcast', 'Broadcast'), ('chart', 'Chart'), ('grant', 'Grant'), ('system', 'System'), ('hold', 'Hold'), ('rights', 'Rights'), ('sampling', 'Sampling'), ('oversight', 'Oversight')], max_length=16)),
                ('last_seq', models.BigIntegerField(default=0)),
                ('head', models.BinaryField(default=b'\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00', max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name='Checkpoint',
            fields=[
                ('size', models.BigIntegerField(primary_key=True, serialize=False)),
                ('root', models.BinaryField(max_length=32)),
                ('note', models.TextField()),
                ('at', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Cosignature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('checkpoint', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='cosignatures', to='records.checkpoint')),
                ('witness', models.CharField(max_length=200)),
                ('at', models.BigIntegerField()),
                ('line', models.TextField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('checkpoint', 'witness'), name='cosigned_once')],
            },
        ),
        migrations.CreateModel(
            name='DataKey',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('scope', models.UUIDField(db_index=True)),
                ('retention', models.CharField(choices=[('dialogue', 'Dialogue'), ('record', 'Record'), ('access', 'Access')], max_length=16)),
                ('epoch', models.PositiveIntegerField(default=1)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('shredded_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('shredded_at__isnull', False)), fields=['shredded_at'], name='data_key_shredded')],
                'constraints': [models.UniqueConstraint(fields=('scope', 'retention', 'epoch'), name='data_key_once')],
            },
        ),
        migrations.CreateModel(
            name='Department',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('code', models.SlugField(unique=True)),
                ('name_zh', models.CharField(max_length=60)),
                ('name_en', models.CharField(max_length=120)),
                ('reply_p50', models.PositiveIntegerField(null=True)),
                ('reply_p90', models.PositiveIntegerField(null=True)),
                ('rounds', models.PositiveSmallIntegerField(null=True)),
                ('hours', models.PositiveSmallIntegerField(null=True)),
                ('is_default', models.BooleanField(default=False)),
                ('sensitive', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('login', models.CharField(max_length=64, unique=True)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('name', models.CharField(max_length=60)),
                ('sex', models.CharField(blank=True, choices=[('female', 'female'), ('male', 'male')], max_length=8)),
                ('birth_date', models.DateField(null=True)),
                ('mrn', models.CharField(blank=True, max_length=32)),
                ('title_zh', models.CharField(blank=True, max_length=60)),
                ('title_en', models.CharField(blank=True, max_length=60)),
                ('language', models.CharField(default='zh-Hans', max_length=12)),
                ('needs', models.JSONField(default=list)),
                ('is_active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('departments', models.ManyToManyField(related_name='people', to='records.department')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='AccessGrant',
            fields=[
                ('chain', models.OneToOneField(db_column='id', on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='grant', serialize=False, to='records.chain')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='records.chain')),
                ('request', models.UUIDField(db_index=True)),
                ('requester', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='access_requests', to=settings.AUTH_USER_MODEL)),
                ('approver', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='access_decisions', to=settings.AUTH_USER_MODEL)),
                ('approvers', models.PositiveSmallIntegerField(default=1)),
                ('first_approver', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='access_agreements', to=settings.AUTH_USER_MODEL)),
                ('first_decision', models.BinaryField(null=True)),
                ('first_decided_at', models.DateTimeField(null=True)),
                ('agreed', models.JSONField(null=True)),
                ('asked', models.JSONField()),
                ('content', models.JSONField()),
                ('since', models.DateField(null=True)),
                ('until', models.DateField(null=True)),
                ('tell', models.CharField(default='now', max_length=16)),
                ('purpose', models.CharField(max_length=16)),
                ('case_number', models.CharField(blank=True, max_length=64)),
                ('key', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.datakey')),
                ('reason', models.BinaryField()),
                ('decision', models.BinaryField(null=True)),
                ('revocation', models.BinaryField(null=True)),
                ('hours', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('returned', 'Returned'), ('approved', 'Approved'), ('rejected', 'Rejected'), ('revoked', 'Revoked')], default='waiting', max_length=16)),
                ('urgent', models.BooleanField(default=False)),
                ('reviewer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='access_reviews', to=settings.AUTH_USER_MODEL)),
                ('finding', models.CharField(blank=True, max_length=16)),
                ('review', models.BinaryField(null=True)),
                ('reviewed_at', models.DateTimeField(null=True)),
                ('requested_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('approver__isnull', True), models.Q(('approver', models.F('requester')), _negated=True), _connector='OR'), name='approver_is_not_requester'), models.CheckConstraint(condition=models.Q(('reviewer__isnull', True), models.Q(('reviewer', models.F('requester')), _negated=True), _connector='OR'), name='reviewer_is_not_requester'), models.CheckConstraint(condition=models.Q(('first_approver__isnull', True), models.Q(('first_approver', models.F('requester')), _negated=True), _connector='OR'), name='first_approver_is_not_requester'), models.CheckConstraint(condition=models.Q(('first_approver__isnull', True), ('approver__isnull', True), ('state', 'rejected'), models.Q(('first_approver', models.F('approver')), _negated=True), _connector='OR'), name='approvers_are_two'), models.CheckConstraint(condition=models.Q(('approvers', 1), ('first_approver__isnull', False), models.Q(('state__in', ['approved', 'revoked']), _negated=True), _connector='OR'), name='two_agreed_where_two_must')],
            },
        ),
        migrations.CreateModel(
            name='AccessReview',
            fields=[
                ('chain', models.OneToOneField(db_column='id', on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='access_review', serialize=False, to='records.chain')),
                ('month', models.DateField(unique=True)),
                ('due_on', models.DateField()),
                ('reviewer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('signed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('signed_at', models.DateTimeField(null=True)),
                ('signed_seq', models.BigIntegerField(null=True)),
                ('note', models.BinaryField(null=True)),
                ('key', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.datakey')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('signed_at__isnull', True), ('signed_by__isnull', True)), models.Q(('reviewer__isnull', False), ('signed_at__isnull', False), ('signed_by', models.F('reviewer')), ('signed_by__isnull', False)), _connector='OR'), name='access_review_by_named')],
            },
        ),
        migrations.CreateModel(
            name='CareRelationship',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='care_team', to=settings.AUTH_USER_MODEL)),
                ('clinician', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='patients', to=settings.AUTH_USER_MODEL)),
                ('reason', models.CharField(max_length=32)),
                ('since', models.DateTimeField(default=django.utils.timezone.now)),
                ('until', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('patient', 'clinician', 'reason'), name='care_once_per_reason')],
            },
        ),
        migrations.CreateModel(
            name='Chart',
            fields=[
                ('chain', models.OneToOneField(db_column='id', on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='records.chain')),
                ('patient', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='chart', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ChartEntry',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('chart', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='records.chart')),
                ('seq', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('problem', 'Problem'), ('allergy', 'Allergy'), ('medication', 'Medication'), ('reading', 'Reading'), ('note', 'Note'), ('risk', 'Risk')], max_length=16)),
                ('at', models.BigIntegerField()),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client_id', models.CharField(max_length=64)),
                ('amends', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amended_by', to='records.chartentry')),
                ('key', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.datakey')),
                ('body', models.BinaryField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('chart', 'seq'), name='chart_seq_once'), models.UniqueConstraint(fields=('chart', 'author', 'client_id'), name='chart_client_once')],
            },
        ),
        migrations.CreateModel(
            name='Credential',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='credential', to=settings.AUTH_USER_MODEL)),
                ('number', models.CharField(max_length=64)),
                ('scope', models.CharField(max_length=120)),
                ('expires_on', models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name='Factor',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='factors', to=settings.AUTH_USER_MODEL)),
                ('kind', models.CharField(choices=[('totp', 'Totp'), ('passkey', 'Passkey'), ('recovery', 'Recovery')], max_length=16)),
                ('name', models.CharField(blank=True, max_length=60)),
                ('key', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.datakey')),
                ('secret', models.BinaryField()),
                ('counter', models.BigIntegerField(default=0)),
                ('added_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('used_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind__in', ['totp', 'recovery'])), fields=('person', 'kind'), name='factor_once_a_kind')],
            },
        ),
        migrations.CreateModel(
            name='FamilyAccess',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='family_let_in', to=settings.AUTH_USER_MODEL)),
                ('relative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='family_of', to=settings.AUTH_USER_MODEL)),
                ('messages', models.CharField(choices=[('none', 'None'), ('see', 'See'), ('ask', 'Ask')], max_length=8)),
                ('record', models.BooleanField(default=False)),
                ('medication', models.BooleanField(default=False)),
                ('calls', models.BooleanField(default=False)),
                ('since', models.DateTimeField(default=django.utils.timezone.now)),
                ('until', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('patient', models.F('relative')), _negated=True), name='family_is_somebody_else'), models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('patient', 'relative'), name='family_let_in_once'), models.CheckConstraint(condition=models.Q(models.Q(('messages', 'none'), _negated=True), ('record', True), ('medication', True), ('calls', True), _connector='OR'), name='family_let_in_to_something')],
            },
        ),
        migrations.CreateModel(
            name='FollowUp',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='follow_ups', to=settings.AUTH_USER_MODEL)),
                ('assigned_to', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assigned_follow_ups', to=settings.AUTH_USER_MODEL)),
                ('department', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.department')),
                ('origin', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='follow_ups', to='records.chain')),
                ('chart', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='follow_ups', to='records.chart')),
                ('seq', models.BigIntegerField()),
                ('key', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.datakey')),
                ('title', models.BinaryField()),
                ('planned_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('due_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('due', 'Due'), ('done', 'Done'), ('no_answer', 'No Answer'), ('refused', 'Refused'), ('needs_doctor', 'Needs Doctor'), ('wrong_number', 'Wrong Number')], default='due', max_length=16)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('chart', 'seq'), name='follow_up_seq_once'), models.CheckConstraint(condition=models.Q(('assigned_to__isnull', False), ('department__isnull', False), _connector='OR'), name='follow_up_is_somebodys')],
            },
        ),
        migrations.CreateModel(
            name='CallOutcome',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('follow_up', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='outcomes', to='records.followup')),
                ('chart', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.chart')),
                ('seq', models.BigIntegerField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client_id', models.CharField(max_length=64)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('outcome', models.CharField(choices=[('done', 'Done'), ('no_answer', 'No Answer'), ('refused', 'Refused'), ('needs_doctor', 'Needs Doctor'), ('wrong_number', 'Wrong Number')], max_length=16)),
                ('consent', models.CharField(choices=[('granted', 'Granted'), ('refused', 'Refused'), ('not_asked', 'Not Asked')], max_length=16)),
                ('next_at', models.DateTimeField(null=True)),
                ('key', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.datakey')),
                ('body', models.BinaryField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('by', 'client_id'), name='call_outcome_client_once')],
            },
        ),
        migrations.CreateModel(
            name='GrantNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('grant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='records.accessgrant')),
                ('seq', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('returned', 'Returned'), ('answered', 'Answered'), ('commented', 'Commented')], max_length=16)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField()),
                ('body', models.BinaryField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('grant', 'seq'), name='grant_note_once')],
            },
        ),
        migrations.CreateModel(
            name='HintNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('review', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='records.accessreview')),
                ('seq', models.BigIntegerField()),
                ('hint', models.CharField(max_length=40)),
                ('through', models.BigIntegerField()),
                ('outcome', models.CharField(max_length=12)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField()),
                ('body', models.BinaryField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('review', 'seq'), name='hint_note_once'), models.UniqueConstraint(fields=('review', 'hint', 'through'), name='hint_settled_once')],
            },
        ),
        migrations.CreateModel(
            name='Leaf',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('chain', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='leaves', to='records.chain')),
                ('seq', models.BigIntegerField()),
                ('kind', models.CharField(max_length=40)),
                ('at', models.BigIntegerField()),
                ('data', models.BinaryField()),
                ('hash', models.BinaryField(max_length=32)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('chain', 'seq'), name='leaf_seq_once')],
            },
        ),
        migrations.CreateModel(
            name='AccessEntry',
            fields=[
                ('leaf', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='access', serialize=False, to='records.leaf')),
                ('at', models.BigIntegerField()),
                ('act', models.CharField(max_length=12)),
                ('actor', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.UUIDField(null=True)),
                ('purpose', models.CharField(max_length=16, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['at', 'leaf'], name='access_by_time'), models.Index(fields=['actor', 'at', 'leaf'], name='access_by_actor'), models.Index(condition=models.Q(('case__isnull', False)), fields=['case', 'at', 'leaf'], name='access_by_case'), models.Index(fields=['act', 'at', 'leaf'], name='access_by_act'), models.Index(condition=models.Q(('purpose__isnull', False)), fields=['purpose', 'at', 'leaf'], name='access_by_purpose')],
            },
        ),
        migrations.CreateModel(
            name='LegalHold',
            fields=[
                ('chain', models.OneToOneField(db_column='id', on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='hold', serialize=False, to='records.chain')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='records.chain')),
                ('key', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.datakey')),
                ('reason', models.BinaryField()),
                ('placed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('placed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('review_on', models.DateField(null=True)),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_at', models.DateTimeField(null=True)),
                ('asked_why', models.BinaryField(null=True)),
                ('released_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('released_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('released_at', None)), fields=['patient'], name='hold_in_force')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('released_at__isnull', True), ('released_by__isnull', True)), models.Q(('asked_by__isnull', False), ('released_at__isnull', False), ('released_by__isnull', False), models.Q(('released_by', models.F('asked_by')), _negated=True)), _connector='OR'), name='hold_released_by_two')],
            },
        ),
        migrations.CreateModel(
            name='PendingLeaf',
            fields=[
                ('leaf', records.ledger.models.LeafNumber(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='records.leaf')),
            ],
        ),
        migrations.CreateModel(
            name='ReadingNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('grant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reading_notes', to='records.accessgrant')),
                ('seq', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('searched', 'Searched'), ('noted', 'Noted'), ('bookmarked', 'Bookmarked')], max_length=16)),
                ('at', models.DateTimeField()),
                ('thread', models.UUIDField(null=True)),
                ('of', models.BigIntegerField(null=True)),
                ('body', models.BinaryField()),
                ('removed', models.BigIntegerField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('grant', 'seq'), name='reading_note_once')],
            },
        ),
        migrations.CreateModel(
            name='RetentionRule',
            fields=[
                ('retention', models.CharField(choices=[('dialogue', 'Dialogue'), ('record', 'Record'), ('access', 'Access')], max_length=16, primary_key=True, serialize=False)),
                ('minimum', models.PositiveSmallIntegerField()),
                ('maximum', models.PositiveSmallIntegerField()),
                ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('set_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('maximum__gte', models.F('minimum'))), name='maximum_is_not_below_minimum'), models.CheckConstraint(condition=models.Q(models.Q(('minimum__gte', 36), ('retention', 'dialogue')), models.Q(('minimum__gte', 72), ('retention', 'record')), models.Q(('minimum__gte', 6), ('retention', 'access')), _connector='OR'), name='minimum_is_not_below_the_law')],
            },
        ),
        migrations.CreateModel(
            name='RetentionRun',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('digest', models.CharField(max_length=64)),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('confirmed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='RetentionItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='records.retentionrun')),
                ('key_id', models.UUIDField()),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('done', 'Done'), ('spared', 'Spared')], default='planned', max_length=8)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('run', 'key_id'), name='run_item_once')],
            },
        ),
        migrations.CreateModel(
            name='Rewrapping',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('kek_id', models.CharField(max_length=64)),
                ('kek_version', models.PositiveIntegerField()),
                ('until', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='RightsRequest',
            fields=[
                ('chain', models.OneToOneField(db_column='id', on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='rights', serialize=False, to='records.chain')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.chain')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sealed', 'Sealed'), ('done', 'Done'), ('refused', 'Refused')], default='waiting', max_length=8)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_at', models.DateTimeField(null=True)),
                ('key', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.datakey')),
                ('reason', models.BinaryField(null=True)),
                ('sealed_until', models.DateTimeField(null=True)),
                ('done_at', models.DateTimeField(null=True)),
                ('certificate', models.TextField(blank=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'sealed', 'done'])), fields=('case',), name='erasure_asked_once')],
            },
        ),
        migrations.CreateModel(
            name='RoleGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='roles', to=settings.AUTH_USER_MODEL)),
                ('role', models.CharField(choices=[('patient', 'Patient'), ('doctor', 'Doctor'), ('nurse', 'Nurse'), ('lead', 'Lead'), ('officer', 'Officer'), ('approver', 'Approver'), ('admin', 'Admin'), ('auditor', 'Auditor')], max_length=16)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('person', 'role'), name='role_once')],
            },
        ),
        migrations.CreateModel(
            name='Sample',
            fields=[
                ('chain', models.OneToOneField(db_column='id', on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='sample', serialize=False, to='records.chain')),
                ('request', models.UUIDField()),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('department', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.department')),
                ('since', models.DateField()),
                ('until', models.DateField()),
                ('size', models.PositiveSmallIntegerField()),
                ('seed', models.CharField(max_length=64)),
                ('seed_given', models.BooleanField()),
                ('seq', models.BigIntegerField(default=1)),
                ('population', models.BinaryField()),
                ('key', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.datakey')),
                ('signed_at', models.DateTimeField(null=True)),
                ('rater', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rater_request', models.UUIDField(null=True)),
                ('rater_signed_at', models.DateTimeField(null=True)),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('closed_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('closed_by__isnull', True)), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False), ('signed_at__isnull', False), models.Q(('closed_by', models.F('made_by')), _negated=True)), _connector='OR'), name='sample_closed_by_two'), models.CheckConstraint(condition=models.Q(models.Q(('rater__isnull', True), ('rater_signed_at__isnull', True)), models.Q(models.Q(('rater', models.F('made_by')), _negated=True), models.Q(('closed_by__isnull', True), models.Q(('rater_signed_at__isnull', False), models.Q(('closed_by', models.F('rater')), _negated=True)), _connector='OR')), _connector='OR'), name='sample_rated_by_two')],
            },
        ),
        migrations.CreateModel(
            name='SampleItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sample', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='records.sample')),
                ('position', models.PositiveSmallIntegerField()),
                ('grant', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='sample_item', to='records.accessgrant')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('sample', 'position'), name='sample_position_once')],
            },
        ),
        migrations.CreateModel(
            name='ItemResolution',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sample', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.sample')),
                ('seq', models.BigIntegerField()),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='resolutions', to='records.sampleitem')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField()),
                ('how', models.CharField(max_length=8)),
                ('confirms', models.BigIntegerField(null=True)),
                ('verdict', models.CharField(max_length=12)),
                ('findings', models.JSONField()),
                ('body', models.BinaryField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('sample', 'seq'), name='item_resolution_once'), models.UniqueConstraint(fields=('sample', 'confirms'), name='item_resolution_confirmed_once')],
            },
        ),
        migrations.CreateModel(
            name='ItemReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sample', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.sample')),
                ('seq', models.BigIntegerField()),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='records.sampleitem')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField()),
                ('verdict', models.CharField(max_length=12)),
                ('findings', models.JSONField()),
                ('body', models.BinaryField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('sample', 'seq'), name='item_review_once')],
            },
        ),
        migrations.CreateModel(
            name='RaterReading',
            fields=[
                ('item', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='second', serialize=False, to='records.sampleitem')),
                ('grant', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='rater_reading', to='records.accessgrant')),
            ],
        ),
        migrations.CreateModel(
            name='SignIn',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sign_ins', to=settings.AUTH_USER_MODEL)),
                ('session_key', models.CharField(max_length=40, unique=True)),
                ('method', models.CharField(max_length=16)),
                ('device', models.CharField(max_length=60)),
                ('place', models.CharField(max_length=45)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='Tile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField()),
                ('index', models.BigIntegerField()),
                ('hashes', models.BinaryField()),
                ('root', models.BinaryField(max_length=32)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('level', 'index'), name='tile_once')],
            },
        ),
        migrations.CreateModel(
            name='Timestamp',
            fields=[
                ('checkpoint', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='timestamp', serialize=False, to='records.checkpoint')),
                ('at', models.BigIntegerField()),
                ('response', models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name='Tombstone',
            fields=[
                ('seq', models.BigIntegerField(primary_key=True, serialize=False)),
                ('key_id', models.UUIDField(unique=True)),
                ('scope', models.UUIDField(db_index=True)),
                ('retention', models.CharField(choices=[('dialogue', 'Dialogue'), ('record', 'Record'), ('access', 'Access')], max_length=16)),
                ('about', models.UUIDField(null=True)),
                ('patient_id', models.UUIDField(null=True)),
                ('case_id', models.UUIDField(null=True)),
                ('at', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='TreeEntry',
            fields=[
                ('index', records.ledger.models.RowNumber(primary_key=True, serialize=False)),
                ('leaf', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='place', to='records.leaf')),
            ],
        ),
        migrations.CreateModel(
            name='WrappedKey',
            fields=[
                ('key', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='wrapping', serialize=False, to='records.datakey')),
                ('wrapped', models.BinaryField()),
                ('kek_id', models.CharField(max_length=64)),
                ('kek_version', models.PositiveIntegerField()),
            ],
        ),
        guard("records_leaf", [["id"], ["chain_id", "seq"]]),
        guard("records_treeentry", [["index"], ["leaf_id"]]),
        guard("records_tile", [["id"], ["level", "index"]]),
        guard("records_checkpoint", [["size"]]),
        guard("records_chartentry", [["id"], ["chart_id", "seq"], ["chart_id", "author_id", "client_id"], ["amends_id"]]),
        let_be_emptied("records_chartentry"),
        guard("records_cosignature", [["id"], ["checkpoint_id", "witness"]]),
        guard("records_timestamp", [["checkpoint_id"]]),
        guard("records_tombstone", [["seq"], ["key_id"]]),
        guard("records_accessentry", [["leaf_id"]]),
        guard("records_sampleitem", [["id"], ["sample_id", "position"], ["grant_id"]]),
        guard("records_itemreview", [["id"], ["sample_id", "seq"]]),
        guard("records_hintnote", [["id"], ["review_id", "seq"], ["review_id", "hint", "through"]]),
        guard("records_raterreading", [["item_id"], ["grant_id"]]),
        guard("records_itemresolution", [["id"], ["sample_id", "seq"], ["sample_id", "confirms"]]),
        triggers.install(triggers.RULES),
        triggers.install(triggers.WRAPPING_RULES),
    ]
