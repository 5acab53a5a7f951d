
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0011_retention'),
    ]

    operations = [
        migrations.CreateModel(
            name='FamilyAccess',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('scope', models.CharField(choices=[('see', 'See'), ('ask', 'Ask')], max_length=8)),
                ('since', models.DateTimeField(default=django.utils.timezone.now)),
                ('until', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='family_let_in', to=settings.AUTH_USER_MODEL)),
                ('relative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='family_of', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('patient', models.F('relative')), _negated=True), name='family_is_somebody_else'), models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('patient', 'relative'), name='family_let_in_once')],
            },
        ),
    ]
