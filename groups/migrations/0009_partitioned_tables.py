"""Messages, status updates and forum posts: partitioned tables, and what makes their partitions."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations, models

from foodshare.db.fields import DatabaseNow, TimestampField
from foodshare.db.keys import KeyTimeField, TaggedKeyField, TimeKeyField, new_key
from foodshare.db.operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("groups", "0008_conversations"),
    ]
    operations = [
        RunSQLFile("groups", "messages", state_operations=[
            migrations.CreateModel(
                name="Message",
                fields=[
                    ("id", TimeKeyField(default=new_key, editable=False, primary_key=True, serialize=False)),
                    ("created_at", KeyTimeField(db_default=DatabaseNow(), editable=False)),
                    ("type", models.CharField(choices=[("TEXT", "Text"), ("IMAGE", "Image"), ("SYSTEM", "System")], db_default="TEXT", default="TEXT", max_length=20)),
                    ("content", models.TextField()),
                    ("edited_at", TimestampField(blank=True, null=True)),
                    ("deleted_at", TimestampField(blank=True, null=True)),
                    ("conversation", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=models.DO_NOTHING, related_name="messages", to="groups.conversation")),
                    ("sender", models.ForeignKey(db_index=False, on_delete=models.DO_NOTHING, related_name="messages", to=settings.AUTH_USER_MODEL)),
                    ("room", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=models.DO_NOTHING, related_name="messages", to="groups.room")),
                ],
                options={
                    "db_table": "messages",
                    "indexes": [
                        models.Index(fields=["room"], name="idx_messages_room_id"),
                        models.Index(fields=["sender"], name="idx_messages_sender_id"),
                        BrinIndex(fields=["created_at"], name="idx_messages_created_at_brin"),
                        models.Index(fields=["created_at", "id"], name="messages_created_at_id_idx"),
                        models.Index(condition=models.Q(("room__isnull", False)), fields=["room", "-created_at", "-id"], name="messages_room_page_idx"),
                        models.Index(condition=models.Q(("conversation__isnull", False)), fields=["conversation", "-created_at", "-id"], name="messages_conversation_page_idx"),
                    ],
                    "constraints": [
                        models.CheckConstraint(condition=models.Q(("type__in", ["TEXT", "IMAGE", "SYSTEM"])), name="messages_type_check"),
                        models.CheckConstraint(condition=models.Q(models.Q(("conversation__isnull", True), ("room__isnull", False)), models.Q(("conversation__isnull", False), ("room__isnull", True)), _connector="OR"), name="messages_place_check"),
                    ],
                },
            ),
        ]),
        RunSQLFile("groups", "status_updates", state_operations=[
            migrations.CreateModel(
                name="StatusUpdate",
                fields=[
                    ("id", TimeKeyField(default=new_key, editable=False, primary_key=True, serialize=False)),
                    ("created_at", KeyTimeField(db_default=DatabaseNow(), editable=False)),
                    ("content", models.CharField(max_length=280)),
                    ("author", models.ForeignKey(db_index=False, on_delete=models.DO_NOTHING, related_name="status_updates", to=settings.AUTH_USER_MODEL)),
                    ("group", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=models.DO_NOTHING, related_name="status_updates", to="groups.communitygroup")),
                ],
                options={
                    "db_table": "status_updates",
                    "indexes": [
                        models.Index(fields=["-created_at", "-id"], name="status_updates_page_idx"),
                        models.Index(fields=["author", "-created_at", "-id"], name="status_updates_author_idx"),
                        models.Index(condition=models.Q(("group__isnull", False)), fields=["group", "-created_at", "-id"], name="status_updates_group_idx"),
                    ],
                },
            ),
        ]),
        RunSQLFile("groups", "forum_posts", state_operations=[
            migrations.CreateModel(
                name="ForumPost",
                fields=[
                    ("created_at", KeyTimeField(db_default=DatabaseNow(), editable=False)),
                    ("id", TaggedKeyField(default=new_key, editable=False, primary_key=True, serialize=False, tag="category")),
                    ("parent_id", models.UUIDField(blank=True, help_text="The key of the post it replies to.", null=True)),
                    ("depth", models.SmallIntegerField(db_default=0, default=0, help_text="Replies above it; 0 for none.")),
                    ("reply_count", models.IntegerField(db_default=0, default=0, help_text="Direct replies to it; kept by the services.")),
                    ("content", models.TextField()),
                    ("edited_at", TimestampField(blank=True, null=True)),
                    ("deleted_at", TimestampField(blank=True, null=True)),
                    ("author", models.ForeignKey(db_index=False, on_delete=models.DO_NOTHING, related_name="forum_posts", to=settings.AUTH_USER_MODEL)),
                    ("category", models.ForeignKey(db_column="category", db_constraint=False, db_index=False, help_text="The thread's.", on_delete=models.DO_NOTHING, related_name="+", to="groups.forumcategory")),
                    ("thread", models.ForeignKey(db_index=False, on_delete=models.DO_NOTHING, related_name="posts", to="groups.forumthread")),
                ],
                options={
                    "db_table": "forum_posts",
                    "indexes": [
                        models.Index(fields=["thread", "category", "parent_id", "created_at", "id"], name="forum_posts_tree_idx"),
                        models.Index(fields=["author", "-created_at", "-id"], name="forum_posts_author_idx"),
                        models.Index(fields=["created_at", "id"], name="forum_posts_created_at_id_idx"),
                    ],
                    "constraints": [
                        models.CheckConstraint(condition=models.Q(("depth__gte", 0)), name="forum_posts_depth_check"),
                    ],
                },
            ),
        ]),
        RunSQLFile("groups", "create_partition"),
        RunSQLFile("groups", "create_monthly_partition"),
        RunSQLFile("groups", "create_weekly_partition"),
        RunSQLFile("groups", "create_category_partition"),
        RunSQLFile("groups", "first_partitions"),
    ]
