
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('consult', '0009_kept'),
    ]

    operations = [
        migrations.AddField(
            model_name='consultation',
            name='family',
            field=models.TextField(null=True),
        ),
    ]
