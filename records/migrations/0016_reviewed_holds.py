from django.db import migrations, models

from records.retention import triggers


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0016_rewrapping'),
    ]

    operations = [
        migrations.AddField('legalhold', 'review_on', models.DateField(null=True)),
        triggers.install_again({'tombstone_held': triggers.RULES['tombstone_held']}),
    ]
