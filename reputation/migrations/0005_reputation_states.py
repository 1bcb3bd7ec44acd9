"""What a person's ledger folds to, kept between events."""

from django.conf import settings
from django.db import migrations, models

from foodshare.db.fields import TimestampField


class Migration(migrations.Migration):
    dependencies = [
        ("foodshare", "0015_outbox_delivery"),
        ("reputation", "0004_existing_users"),
    ]
    operations = [
        migrations.CreateModel(
            name="ReputationState",
            fields=[
                ("user", models.OneToOneField(on_delete=models.CASCADE, primary_key=True, related_name="+", serialize=False, to=settings.AUTH_USER_MODEL)),
                ("state", models.JSONField(help_text="What reputation.state.dump writes.")),
                ("decay_due_at", TimestampField(help_text="When inactivity takes something next.", null=True)),
            ],
            options={
                "db_table": "reputation_states",
                "indexes": [models.Index(condition=models.Q(("decay_due_at__isnull", False)), fields=["decay_due_at", "user"], name="reputation_states_decay_idx")],
            },
        ),
    ]
