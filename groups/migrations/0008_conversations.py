"""Rooms, conversations and who takes part in them; the forum's categories and threads."""

import uuid

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import migrations, models

from foodshare.db.fields import DatabaseNow, RandomUUID, TimestampField
from foodshare.db.operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("foodshare", "0012_social"),
        ("groups", "0007_discovery_by_type_index"),
    ]
    operations = [
        migrations.CreateModel(
            name="Room",
            fields=[
                ("id", models.UUIDField(db_default=RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", TimestampField(db_default=DatabaseNow(), editable=False)),
                ("name", models.CharField(max_length=100)),
                ("last_message_at", TimestampField(blank=True, help_text="None while nothing is written.", null=True)),
                ("group", models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="rooms", to="groups.communitygroup")),
            ],
            options={
                "db_table": "rooms",
                "indexes": [
                    models.Index(fields=["group", "created_at", "id"], name="rooms_group_page_idx"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RoomReadPosition",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("last_read", models.UUIDField(help_text="A message's key; the message may be in a partition that is gone.")),
                ("room", models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="read_positions", to="groups.room")),
                ("user", models.ForeignKey(on_delete=models.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "db_table": "room_read_positions",
                "constraints": [
                    models.UniqueConstraint(fields=("room", "user"), name="room_read_positions_uniq"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Conversation",
            fields=[
                ("id", models.UUIDField(db_default=RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", TimestampField(db_default=DatabaseNow(), editable=False)),
                ("pair", models.CharField(blank=True, editable=False, help_text="Of two people: their ids in order, so that a pair has one conversation.", max_length=73, null=True, unique=True)),
                ("title", models.CharField(blank=True, db_default="", max_length=100)),
                ("last_message_at", TimestampField(db_default=DatabaseNow(), help_text="Its beginning, while nothing is written.")),
            ],
            options={
                "db_table": "conversations",
            },
        ),
        migrations.CreateModel(
            name="Participant",
            fields=[
                ("id", models.UUIDField(db_default=RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", TimestampField(db_default=DatabaseNow(), editable=False)),
                ("last_read", models.UUIDField(blank=True, help_text="A message's key; none: nothing read yet.", null=True)),
                ("conversation", models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="participants", to="groups.conversation")),
                ("user", models.ForeignKey(on_delete=models.CASCADE, related_name="participations", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "db_table": "conversation_participants",
                "constraints": [
                    models.UniqueConstraint(fields=("conversation", "user"), name="participants_pair_uniq"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ForumCategory",
            fields=[
                ("id", models.SmallAutoField(primary_key=True, serialize=False)),
                ("created_at", TimestampField(db_default=DatabaseNow(), editable=False)),
                ("slug", models.CharField(help_text="Part of its partitions' names.", max_length=30, unique=True, validators=[RegexValidator("\\A(?!.*_y[0-9]{4}m[0-9]{2}\\Z)(?!(?:.*_)?(?:p?key|idx[0-9]*)\\Z)[a-z][a-z0-9_]{0,29}\\Z", "Lower-case letters, digits and underscores, 30 at most, and no end like a partition's or an index's name.")])),
                ("name", models.CharField(max_length=100)),
                ("description", models.TextField(blank=True, db_default="")),
                ("position", models.IntegerField(db_default=0, default=0, help_text="Categories are listed by this, then by name.")),
                ("opened_at", TimestampField(blank=True, editable=False, help_text="Since when its partitions exist; empty: it takes no posts yet.", null=True)),
            ],
            options={
                "verbose_name_plural": "forum categories",
                "db_table": "forum_categories",
                "constraints": [models.CheckConstraint(condition=models.Q(("slug__regex", "^[a-z][a-z0-9_]{0,29}$")), name="forum_categories_slug_check")],
            },
        ),
        migrations.CreateModel(
            name="ForumThread",
            fields=[
                ("id", models.UUIDField(db_default=RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", TimestampField(db_default=DatabaseNow(), editable=False)),
                ("title", models.CharField(max_length=200)),
                ("post_count", models.IntegerField(db_default=0, default=0, help_text="Kept by the services.")),
                ("last_post_at", TimestampField(db_default=DatabaseNow())),
                ("locked_at", TimestampField(blank=True, help_text="Since when it takes no more posts.", null=True)),
                ("author", models.ForeignKey(on_delete=models.DO_NOTHING, related_name="forum_threads", to=settings.AUTH_USER_MODEL)),
                ("category", models.ForeignKey(db_column="category", db_index=False, on_delete=models.PROTECT, related_name="threads", to="groups.forumcategory")),
            ],
            options={
                "db_table": "forum_threads",
                "indexes": [
                    models.Index(fields=["category", "-last_post_at", "-id"], name="forum_threads_page_idx"),
                    models.Index(fields=["-last_post_at", "-id"], name="forum_threads_recent_idx"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("id", "category"), name="forum_threads_id_category_uniq"),
                ],
            },
        ),
        RunSQLFile("groups", "rooms_of_groups"),
    ]
