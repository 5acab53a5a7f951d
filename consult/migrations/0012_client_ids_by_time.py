"""The index of client ids begins with them: they begin with their time, so that those of a moment lie side by side."""

from django.db import migrations, models

from records.ledger.guards import guard_again, let_be_emptied_again


class Migration(migrations.Migration):
    dependencies = [("consult", "0008_family"), ("records", "0012_row_numbers")]

    operations = [
        migrations.RemoveConstraint("event", "event_client_once"),
        migrations.AddConstraint(
            "event", models.UniqueConstraint(fields=["client_id", "thread", "sender"], name="event_client_once")
        ),
        guard_again("consult_event", [["id"], ["thread_id", "seq"], ["client_id", "thread_id", "sender_id"]]),
        let_be_emptied_again("consult_event"),
    ]
