"""The platform's own columns on the four tables that came before it, and the life cycle of an exchange."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models.functions import Lower

from foodshare.db.fields import TimestampField
from foodshare.db.operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("foodshare", "0004_platform_tables"),
    ]
    operations = [
        RunSQLFile("foodshare", "platform_columns", state_operations=[
            migrations.AddField("User", "password", models.CharField(db_default="!", max_length=128)),
            migrations.AddField("User", "last_login", TimestampField(blank=True, null=True)),
            migrations.AddField("User", "email", models.EmailField(blank=True, max_length=254, null=True, unique=True)),
            migrations.AddField("User", "is_staff", models.BooleanField(db_default=False, default=False, verbose_name="may enter the admin")),
            migrations.AddField("User", "is_superuser", models.BooleanField(db_default=False, default=False)),
            migrations.AddField("User", "building", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=models.DO_NOTHING, related_name="residents", to="foodshare.building")),
            migrations.AddField("User", "apartment", models.CharField(blank=True, db_default="", max_length=50)),
            migrations.AddField("FoodPost", "sharing_mode", models.CharField(choices=[("neighborhood", "Neighborhood"), ("community", "Community")], db_default="community", default="community", max_length=20)),
            migrations.AddField("FoodPost", "neighborhood", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=models.DO_NOTHING, related_name="food_posts", to="foodshare.neighborhood")),
            migrations.AddField("FoodPost", "building", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=models.DO_NOTHING, related_name="food_posts", to="foodshare.building")),
            migrations.AddField("FoodPost", "description", models.TextField(blank=True, db_default="")),
            migrations.AddField("FoodPost", "category", models.CharField(choices=[("bread", "Bread"), ("produce", "Produce"), ("dairy", "Dairy"), ("prepared", "Prepared"), ("pantry", "Pantry"), ("drinks", "Drinks"), ("other", "Other")], db_default="other", default="other", max_length=20)),
            migrations.AddField("FoodPost", "quantity", models.CharField(blank=True, db_default="", max_length=100)),
            migrations.AddField("FoodPost", "allergens", ArrayField(base_field=models.CharField(max_length=20), blank=True, db_default=[], default=list, size=None)),
            migrations.AddField("FoodPost", "dietary_tags", ArrayField(base_field=models.CharField(max_length=20), blank=True, db_default=[], default=list, size=None)),
            migrations.AddField("FoodPost", "best_before", models.DateField(blank=True, null=True)),
            migrations.AddField("FoodPost", "handover_notes", models.TextField(blank=True, db_default="", help_text="Shown only to the two people of the exchange.")),
            migrations.RemoveField("FoodPost", "group_id"),
            migrations.AddField("FoodPost", "group", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=models.DO_NOTHING, related_name="food_posts", to="groups.communitygroup")),
            migrations.AddField("Exchange", "recipient_confirmed_at", TimestampField(blank=True, null=True)),
            migrations.AddField("Exchange", "giver_confirmed_at", TimestampField(blank=True, null=True)),
            migrations.AddField("Exchange", "completed_at", TimestampField(blank=True, null=True)),
            migrations.AddField("Exchange", "cancelled_at", TimestampField(blank=True, null=True)),
            migrations.AddField("Exchange", "cancelled_by", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=models.DO_NOTHING, related_name="+", to=settings.AUTH_USER_MODEL)),
            migrations.AddField("Exchange", "cancel_reason", models.TextField(blank=True, db_default="")),
            migrations.AddField("Exchange", "disputed_at", TimestampField(blank=True, null=True)),
            migrations.AddField("Exchange", "disputed_by", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=models.DO_NOTHING, related_name="+", to=settings.AUTH_USER_MODEL)),
            migrations.AddField("Exchange", "dispute_reason", models.TextField(blank=True, db_default="")),
            migrations.AddField("Exchange", "resolved_at", TimestampField(blank=True, null=True)),
            migrations.AddField("Exchange", "resolved_by", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=models.DO_NOTHING, related_name="+", to=settings.AUTH_USER_MODEL)),
            migrations.AddField("Exchange", "resolution", models.TextField(blank=True, db_default="")),
            migrations.AddField("Rating", "rater", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=models.DO_NOTHING, related_name="ratings_given", to=settings.AUTH_USER_MODEL)),
            migrations.AddField("Rating", "comment", models.TextField(blank=True, db_default="")),
            migrations.AddField("Rating", "updated_at", TimestampField(blank=True, null=True)),
            migrations.AddConstraint("user", models.CheckConstraint(condition=models.Q(("sharing_mode__in", ["neighborhood", "community"])), name="users_sharing_mode_check")),
            migrations.AddConstraint("user", models.CheckConstraint(condition=models.Q(("verification_level__in", ["full", "light", "pending"])), name="users_verification_level_check")),
            migrations.AddConstraint("user", models.CheckConstraint(condition=models.Q(("email", Lower("email"))), name="users_email_lower_check")),
            migrations.AddConstraint("foodpost", models.CheckConstraint(condition=models.Q(("status__in", ["available", "claimed", "completed", "withdrawn", "expired"])), name="food_posts_status_check")),
            migrations.AddConstraint("foodpost", models.CheckConstraint(condition=models.Q(("sharing_mode__in", ["neighborhood", "community"])), name="food_posts_sharing_mode_check")),
            migrations.AddConstraint("exchange", models.CheckConstraint(condition=models.Q(("status__in", ["pending", "confirmed", "completed", "cancelled", "disputed"])), name="exchanges_status_check")),
            migrations.AddConstraint("rating", models.CheckConstraint(condition=models.Q(("stars__range", (1, 5))), name="ratings_stars_check")),
        ]),
        migrations.AddField("User", "groups", models.ManyToManyField(blank=True, help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.", related_name="user_set", related_query_name="user", to="auth.group", verbose_name="groups")),
        migrations.AddField("User", "user_permissions", models.ManyToManyField(blank=True, help_text="Specific permissions for this user.", related_name="user_set", related_query_name="user", to="auth.permission", verbose_name="user permissions")),
        # Dropping the trigger leaves its function.
        migrations.RunSQL(migrations.RunSQL.noop, "DROP FUNCTION IF EXISTS pgtrigger_exchange_life_cycle_6cd5a()"),
        pgtrigger.migrations.AddTrigger(
            model_name='exchange',
            trigger=pgtrigger.compiler.Trigger(name='exchange_life_cycle', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{pending:confirmed,pending:cancelled,confirmed:completed,confirmed:cancelled,confirmed:disputed,completed:disputed,disputed:confirmed,disputed:completed,disputed:cancelled}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='cfba938e6280dc24b48f5f9b10d968d49c6e32a5', operation='UPDATE', pgid='pgtrigger_exchange_life_cycle_6cd5a', table='exchanges', when='BEFORE')),
        ),
    ]
