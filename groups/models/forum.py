"""The forum: categories, threads in them, posts in those, and replies to posts."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from foodshare.db.fields import DatabaseNow, TimestampField
from foodshare.db.invalidation import noted
from foodshare.db.keys import TaggedKeyField, new_key
from foodshare.models import User
from foodshare.models.base import CreatedModel, TimeKeyedModel

SLUG = RegexValidator(
    r"\A(?!.*_y[0-9]{4}m[0-9]{2}\Z)(?!(?:.*_)?(?:p?key|idx[0-9]*)\Z)[a-z][a-z0-9_]{0,29}\Z",
    "Lower-case letters, digits and underscores, 30 at most, and no end like a partition's or an index's name.")


class ForumCategory(models.Model):
    """A subject of the forum. Its posts have partitions of their own; it takes posts once it is open.

    Its id is a small number, so that the keys of its posts can carry it.
    """

    id = models.SmallAutoField(primary_key=True)
    created_at = TimestampField(db_default=DatabaseNow(), editable=False)
    slug = models.CharField(max_length=30, unique=True, validators=[SLUG], help_text="Part of its partitions' names.")
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True, db_default="")
    position = models.IntegerField(default=0, db_default=0, help_text="Categories are listed by this, then by name.")
    opened_at = TimestampField(null=True, blank=True, editable=False,
                               help_text="Since when its partitions exist; empty: it takes no posts yet.")

    class Meta:
        db_table = "forum_categories"
        verbose_name_plural = "forum categories"
        constraints = [
            models.CheckConstraint(name="forum_categories_slug_check",
                                   condition=Q(slug__regex=r"^[a-z][a-z0-9_]{0,29}$")),
        ]
        triggers = noted("forum", ["id"], updates=["slug"])

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Whether it takes posts."""
        return self.opened_at is not None


class ForumThread(CreatedModel):
    """A question or subject that people write about."""

    category = models.ForeignKey(ForumCategory, models.PROTECT, db_column="category", related_name="threads",
                                 db_index=False)
    author = models.ForeignKey(User, models.DO_NOTHING, related_name="forum_threads")
    title = models.CharField(max_length=200)
    post_count = models.IntegerField(default=0, db_default=0, help_text="Kept by the services.")
    last_post_at = TimestampField(db_default=DatabaseNow())
    locked_at = TimestampField(null=True, blank=True, help_text="Since when it takes no more posts.")

    class Meta:
        db_table = "forum_threads"
        constraints = [
            # What a post's key to its thread and category refers to.
            models.UniqueConstraint(fields=["id", "category"], name="forum_threads_id_category_uniq"),
        ]
        indexes = [
            models.Index(fields=["category", "-last_post_at", "-id"], name="forum_threads_page_idx"),
            models.Index(fields=["-last_post_at", "-id"], name="forum_threads_recent_idx"),
        ]
        triggers = noted("forum", ["category"], updates=[
            "category", "author_id", "title", "post_count", "last_post_at", "locked_at", "created_at"])

    def __str__(self) -> str:
        return self.title


class ForumPost(TimeKeyedModel):
    """A post in a thread, or a reply to one. Partitioned by category, then by month.

    A deleted post keeps its place, for the replies to it, and loses its content.
    """

    id = TaggedKeyField(primary_key=True, default=new_key, editable=False, tag="category")
    category = models.ForeignKey(ForumCategory, models.DO_NOTHING, db_column="category", related_name="+",
                                 db_index=False, db_constraint=False, help_text="The thread's.")
    thread = models.ForeignKey(ForumThread, models.DO_NOTHING, related_name="posts", db_index=False)
    author = models.ForeignKey(User, models.DO_NOTHING, related_name="forum_posts", db_index=False)
    parent_id = models.UUIDField(null=True, blank=True, help_text="The key of the post it replies to.")
    depth = models.SmallIntegerField(default=0, db_default=0, help_text="Replies above it; 0 for none.")
    reply_count = models.IntegerField(default=0, db_default=0, help_text="Direct replies to it; kept by the services.")
    content = models.TextField()
    edited_at = TimestampField(null=True, blank=True)
    deleted_at = TimestampField(null=True, blank=True)

    class Meta:
        db_table = "forum_posts"
        constraints = [models.CheckConstraint(name="forum_posts_depth_check", condition=Q(depth__gte=0))]
        indexes = [
            models.Index(fields=["thread", "category", "parent_id", "created_at", "id"], name="forum_posts_tree_idx"),
            models.Index(fields=["author", "-created_at", "-id"], name="forum_posts_author_idx"),
            models.Index(fields=["created_at", "id"], name="forum_posts_created_at_id_idx"),
        ]
        triggers = noted("forum", ["category"], inserts=True,
                         updates=["thread_id", "category", "created_at", "deleted_at"])

    def __str__(self) -> str:
        return self.content[:50]
