from records.ledger.guards import guard, let_be_emptied
from records.retention import triggers
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0010_break_glass'),
    ]

    operations = [
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
        migrations.AlterField(
            model_name='chain',
            name='kind',
            field=models.CharField(choices=[('consultation', 'Consultation'), ('side', 'Side'), ('notices', 'Notices'), ('broadcast', 'Broadcast'), ('chart', 'Chart'), ('grant', 'Grant'), ('system', 'System'), ('hold', 'Hold'), ('rights', 'Rights')], max_length=16),
        ),
        migrations.CreateModel(
            name='RetentionRun',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('digest', models.CharField(max_length=64)),
                ('confirmed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(null=True)),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='LegalHold',
            fields=[
                ('chain', models.OneToOneField(db_column='id', on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='hold', serialize=False, to='records.chain')),
                ('reason', models.BinaryField()),
                ('placed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('asked_at', models.DateTimeField(null=True)),
                ('asked_why', models.BinaryField(null=True)),
                ('released_at', models.DateTimeField(null=True)),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='records.chain')),
                ('key', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.datakey')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('placed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('released_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('released_at', None)), fields=['patient'], name='hold_in_force')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('released_at__isnull', True), ('released_by__isnull', True)), models.Q(('asked_by__isnull', False), ('released_at__isnull', False), ('released_by__isnull', False), models.Q(('released_by', models.F('asked_by')), _negated=True)), _connector='OR'), name='hold_released_by_two')],
            },
        ),
        migrations.CreateModel(
            name='RetentionRule',
            fields=[
                ('retention', models.CharField(choices=[('dialogue', 'Dialogue'), ('record', 'Record'), ('access', 'Access')], max_length=16, primary_key=True, serialize=False)),
                ('minimum', models.PositiveSmallIntegerField()),
                ('maximum', models.PositiveSmallIntegerField()),
                ('set_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('maximum__gte', models.F('minimum'))), name='maximum_is_not_below_minimum'), models.CheckConstraint(condition=models.Q(models.Q(('minimum__gte', 36), ('retention', 'dialogue')), models.Q(('minimum__gte', 72), ('retention', 'record')), models.Q(('minimum__gte', 6), ('retention', 'access')), _connector='OR'), name='minimum_is_not_below_the_law')],
            },
        ),
        migrations.CreateModel(
            name='RetentionItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key_id', models.UUIDField()),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('done', 'Done'), ('spared', 'Spared')], default='planned', max_length=8)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='records.retentionrun')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('run', 'key_id'), name='run_item_once')],
            },
        ),
        migrations.CreateModel(
            name='RightsRequest',
            fields=[
                ('chain', models.OneToOneField(db_column='id', on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='rights', serialize=False, to='records.chain')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sealed', 'Sealed'), ('done', 'Done'), ('refused', 'Refused')], default='waiting', max_length=8)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decided_at', models.DateTimeField(null=True)),
                ('reason', models.BinaryField(null=True)),
                ('sealed_until', models.DateTimeField(null=True)),
                ('done_at', models.DateTimeField(null=True)),
                ('certificate', models.TextField(blank=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.chain')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('key', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.datakey')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'sealed', 'done'])), fields=('case',), name='erasure_asked_once')],
            },
        ),
        guard("records_tombstone", [["seq"], ["key_id"]]),
        let_be_emptied("records_chartentry"),
        triggers.install(triggers.RULES),
    ]
