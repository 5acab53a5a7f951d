import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from records.ledger.guards import guard


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0024_made_passwords'),
    ]

    operations = [
        migrations.CreateModel(
            name='HoldRefusal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.BigIntegerField()),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('why', models.BinaryField()),
                ('asked_seq', models.BigIntegerField()),
                ('asked_at', models.DateTimeField()),
                ('asked_why', models.BinaryField()),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('hold', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='refusals', to='records.legalhold')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('hold', 'seq'), name='hold_refusal_once')],
            },
        ),
        guard('records_holdrefusal', [['id'], ['hold_id', 'seq']]),
    ]
