"""Indexes of our own on tables that may already be large."""

from django.db import migrations, models

from foodshare.db.operations import CreateIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("foodshare", "0006_platform_constraints"),
    ]
    operations = [
        CreateIndexConcurrently("foodshare", "users_email_uniq"),
        CreateIndexConcurrently("foodshare", "users_building_id_idx"),
        CreateIndexConcurrently("foodshare", "food_posts_group_id_created_at_id_idx"),
        CreateIndexConcurrently("foodshare", "food_posts_neighborhood_id_created_at_id_idx"),
        CreateIndexConcurrently("foodshare", "food_posts_author_id_created_at_id_idx"),
        CreateIndexConcurrently("foodshare", "food_posts_building_id_idx"),
        CreateIndexConcurrently("foodshare", "exchanges_food_id_active_uniq", state_operations=[
            migrations.AddConstraint("exchange", models.UniqueConstraint(condition=models.Q(("status", "cancelled"), _negated=True), fields=("food",), name="exchanges_food_id_active_uniq")),
        ]),
        CreateIndexConcurrently("foodshare", "exchanges_food_id_idx"),
        CreateIndexConcurrently("foodshare", "exchanges_recipient_id_created_at_id_idx"),
        CreateIndexConcurrently("foodshare", "exchanges_cancelled_by_id_idx"),
        CreateIndexConcurrently("foodshare", "exchanges_disputed_by_id_idx"),
        CreateIndexConcurrently("foodshare", "exchanges_resolved_by_id_idx"),
        CreateIndexConcurrently("foodshare", "ratings_exchange_id_rater_id_uniq", state_operations=[
            migrations.AddConstraint("rating", models.UniqueConstraint(fields=("exchange", "rater"), name="ratings_exchange_id_rater_id_uniq")),
        ]),
        CreateIndexConcurrently("foodshare", "ratings_rater_id_idx"),
        CreateIndexConcurrently("foodshare", "mode_transition_events_user_id_idx"),
    ]
