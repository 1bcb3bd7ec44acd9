"""What becomes of an event in the outbox: the stream's entry that carries it, and why it could not be applied."""

from django.db import migrations, models

from foodshare.db.operations import CreateIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("foodshare", "0014_search_and_blocks"),
    ]
    operations = [
        migrations.AddField("outboxevent", "stream_id", models.CharField(blank=True, help_text="The stream's entry that carries it; empty: none, or one that was lost.", max_length=100, null=True)),
        migrations.AddField("outboxevent", "attempts", models.IntegerField(db_default=0, default=0, help_text="How often it could not be applied.")),
        migrations.AddField("outboxevent", "error", models.TextField(blank=True, db_default="", default="", help_text="Why it could not be applied.")),
        CreateIndexConcurrently("foodshare", "outbox_events_id_unpublished_idx"),
        CreateIndexConcurrently("foodshare", "outbox_events_id_failed_idx"),
    ]
