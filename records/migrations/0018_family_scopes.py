
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0013_access_log'),
    ]

    operations = [
        migrations.RenameField(
            model_name='familyaccess',
            old_name='scope',
            new_name='messages',
        ),
        migrations.AlterField(
            model_name='familyaccess',
            name='messages',
            field=models.CharField(choices=[('none', 'None'), ('see', 'See'), ('ask', 'Ask')], max_length=8),
        ),
        migrations.AddField(
            model_name='familyaccess',
            name='record',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='familyaccess',
            name='medication',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='familyaccess',
            name='calls',
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name='familyaccess',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('messages', 'none'), _negated=True), ('record', True), ('medication', True), ('calls', True), _connector='OR'), name='family_let_in_to_something'),
        ),
    ]
