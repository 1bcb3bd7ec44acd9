"""The forum: its categories, threads and posts."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from foodshare.admin.base import PlatformAdmin
from foodshare.admin.decisions import Decision, ModeratedAdmin, action
from groups.admin.partitioned import PartitionedAdmin
from groups.models import ForumCategory, ForumPost, ForumThread
from groups.partitions import MOST_CATEGORIES
from groups.services import forum
from groups.tasks import open_forum_category

LOCK = Decision("lock", "Lock these threads?", "locked", lambda thread, moderator: forum.lock_thread(thread))
UNLOCK = Decision("unlock", "Unlock these threads?", "unlocked", lambda thread, moderator: forum.unlock_thread(thread))
REMOVE = Decision("remove", "Remove what these posts say?", "removed",
                  lambda post, moderator: forum.remove_post(post))


class CategoryForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean(self) -> dict[str, Any]:
        """Refuse what could never be opened."""
        if self.instance._state.adding and ForumCategory.objects.count() >= MOST_CATEGORIES:
            raise ValidationError(f"There are {MOST_CATEGORIES} categories, which is as many as there may be.")
        return super().clean() or {}


@admin.register(ForumCategory)
class ForumCategoryAdmin(PlatformAdmin):
    """A category that is added here is opened by the worker, whose role may make its partitions."""

    form = CategoryForm
    ordering = ("slug",)
    list_display = ("slug", "name", "position", "is_open", "opened_at")
    search_fields = ("id", "slug")
    search_help_text = "A whole slug"
    editable = ("name", "description", "position")
    may_add = True
    fields = ("slug", "name", "description", "position", "opened_at", "id")

    @admin.display(boolean=True, description="open")
    def is_open(self, category: ForumCategory) -> bool:
        return category.is_open

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The slug is part of the partitions' names: it is given once."""
        names = super().get_readonly_fields(request, obj)
        return [name for name in names if name != "slug" or obj is not None]

    def save_model(self, request: HttpRequest, obj: ForumCategory, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            open_forum_category.defer(slug=obj.slug)  # the job is committed with the row
            messages.info(request, "The category takes posts once the worker has opened it.")


@admin.register(ForumThread)
class ForumThreadAdmin(ModeratedAdmin):
    ordering = ("-last_post_at", "-id")
    list_display = ("title", "category", "author", "post_count", "last_post_at", "locked_at")
    list_select_related = ("category", "author")
    search_fields = ("id", "author_id", "author__email")
    search_help_text = "The author's e-mail address, or the whole id of a thread or author"
    actions = ("lock", "unlock")
    actions_detail = ("lock", "unlock")

    def describe(self, row: ForumThread) -> str:
        return f"{row.title}, by {row.author}"

    def offers(self, request: HttpRequest, row: ForumThread, action: str) -> bool:
        return (row.locked_at is None) == (action == "lock")

    @action(description="Lock", permissions=["moderate"], icon="lock")
    def lock(self, request: HttpRequest, queryset: QuerySet[ForumThread] | None = None,
             object_id: str | None = None) -> HttpResponse:
        return self.decide(request, LOCK, queryset, object_id)

    @action(description="Unlock", permissions=["moderate"], icon="lock_open")
    def unlock(self, request: HttpRequest, queryset: QuerySet[ForumThread] | None = None,
               object_id: str | None = None) -> HttpResponse:
        return self.decide(request, UNLOCK, queryset, object_id)


@admin.register(ForumPost)
class ForumPostAdmin(PartitionedAdmin):
    ordering = ("-created_at", "-id")
    list_display = ("__str__", "thread", "author", "created_at", "deleted_at")
    list_select_related = ("thread", "author")
    link_lookups: ClassVar[tuple[str, ...]] = ("thread__id__exact",)
    search_fields = ("id", "thread_id", "author_id", "author__email")
    search_help_text = "The author's e-mail address, or the whole id of a post, thread or author"
    actions = ("remove",)
    actions_detail = ("remove",)

    def describe(self, row: ForumPost) -> str:
        return f"“{row.content[:200]}”, by {row.author}"

    def offers(self, request: HttpRequest, row: ForumPost, action: str) -> bool:
        return row.deleted_at is None

    @action(description="Remove", permissions=["moderate"], icon="delete")
    def remove(self, request: HttpRequest, queryset: QuerySet[ForumPost] | None = None,
               object_id: str | None = None) -> HttpResponse:
        return self.decide(request, REMOVE, queryset, object_id)
