"""forum: categories, threads in them, posts and replies."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.helpers import lazy_serializer
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from foodshare.api.filters import unchanged
from foodshare.api.idempotency import IdempotentWrites
from foodshare.api.pagination import KeysetPagination
from foodshare.api.permissions import NotPending
from foodshare.api.requests import UUID_PATTERN, person_of
from foodshare.api.serializers import PartySerializer, StrictSerializer, UUIDTextField, has_visible_text
from foodshare.cache import aside
from foodshare.cache.keys import GLOBAL_FEED
from foodshare.exceptions import Invalid
from foodshare.models import User
from groups.models import ForumCategory, ForumPost, ForumThread
from groups.queries import forum, rankings
from groups.services import forum as services

LONGEST_POST = 10_000  # characters
HIDDEN = "Null when it is hidden: one of you has blocked the other."


class ForumCategorySerializer(serializers.ModelSerializer[ForumCategory]):
    """A subject of the forum. One that is not open yet takes no posts."""

    is_open = serializers.BooleanField(read_only=True)

    class Meta:
        model = ForumCategory
        fields = ["slug", "name", "description", "is_open"]
        read_only_fields = fields


class ForumThreadSerializer(serializers.ModelSerializer[ForumThread]):
    category = serializers.CharField(source="category.slug", read_only=True)
    title = serializers.SerializerMethodField(help_text=HIDDEN)
    hidden = serializers.BooleanField(read_only=True)
    author = PartySerializer(read_only=True)
    locked = serializers.SerializerMethodField(help_text="Whether it takes no more posts.")
    post_count = serializers.IntegerField(read_only=True, help_text="The first one and deleted ones included.")

    class Meta:
        model = ForumThread
        fields = ["id", "category", "title", "hidden", "author", "post_count", "last_post_at", "locked", "created_at"]
        read_only_fields = fields

    def get_title(self, thread: Any) -> str | None:
        return None if thread.hidden else thread.title

    def get_locked(self, thread: ForumThread) -> bool:
        return thread.locked_at is not None


class RankedThreadSerializer(ForumThreadSerializer):
    rank = serializers.IntegerField(read_only=True, help_text="Threads with as many posts share one.")
    posts_this_week = serializers.IntegerField(read_only=True, help_text="In the last 7 days.")

    class Meta(ForumThreadSerializer.Meta):
        fields = [*ForumThreadSerializer.Meta.fields, "rank", "posts_this_week"]
        read_only_fields = fields


def ranked(category: ForumCategory | None = None) -> list[dict[str, Any]]:
    """The top threads as somebody sees them from whom none is hidden."""
    threads: list[Any] = rankings.top_threads(category)
    for thread in threads:
        thread.hidden = False
    return list(RankedThreadSerializer(threads, many=True).data)


def hidden_from(reader: User, threads: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same threads as the reader sees them."""
    blocked = forum.blocked_among(reader, {UUID(thread["author"]["id"]) for thread in threads})
    return [thread | {"hidden": True, "title": None} if UUID(thread["author"]["id"]) in blocked else thread
            for thread in threads]


class TopThreadsSerializer(serializers.Serializer[Any]):
    results = RankedThreadSerializer(many=True)


class ForumPostSerializer(serializers.ModelSerializer[ForumPost]):
    thread = serializers.UUIDField(source="thread_id", read_only=True)
    parent = serializers.UUIDField(  # type: ignore[assignment]  # the metaclass takes it off the class
        source="parent_id", read_only=True, allow_null=True)
    author = PartySerializer(read_only=True)
    content = serializers.SerializerMethodField(help_text=f"Null when it is deleted. {HIDDEN}")
    hidden = serializers.BooleanField(read_only=True)
    deleted = serializers.SerializerMethodField()

    class Meta:
        model = ForumPost
        fields = ["id", "thread", "parent", "depth", "author", "content", "hidden", "deleted", "edited_at",
                  "created_at"]
        read_only_fields = fields

    def get_content(self, post: Any) -> str | None:
        return None if post.hidden or post.deleted_at else post.content

    def get_deleted(self, post: ForumPost) -> bool:
        return post.deleted_at is not None


class ForumTreeSerializer(ForumPostSerializer):
    """A post and the replies below it, oldest first."""

    replies = serializers.SerializerMethodField()
    more_replies = serializers.BooleanField(
        read_only=True, help_text="Whether it has direct replies that are not shown: ask for `?parent=<its id>`.")

    class Meta(ForumPostSerializer.Meta):
        fields = [*ForumPostSerializer.Meta.fields, "replies", "more_replies"]
        read_only_fields = fields

    @extend_schema_field(lazy_serializer("groups.api.forum.ForumTreeSerializer")(many=True))
    def get_replies(self, post: Any) -> Any:
        return [self.to_representation(child) for child in post.replies]


class ForumContent(StrictSerializer):
    content = serializers.CharField(max_length=LONGEST_POST, validators=[has_visible_text])


class NewForumThread(ForumContent):
    category = serializers.SlugField(max_length=30, help_text="The slug of an open category.")
    title = serializers.CharField(max_length=200, validators=[has_visible_text])

    def validate_category(self, slug: str) -> ForumCategory:
        category = ForumCategory.objects.filter(slug=slug).first()
        if category is None:
            raise serializers.ValidationError("There is no such category.")
        return category


class NewForumPost(ForumContent):
    parent = UUIDTextField(  # type: ignore[assignment]  # the metaclass takes it off the class
        source="parent_id", allow_null=True, required=False,
        help_text=f"The post it replies to; replies go {services.DEEPEST} levels deep.")


@extend_schema_field(OpenApiTypes.STR)
class CategoryFilter(filters.ModelChoiceFilter):
    """By slug. The category is looked up first: its number is what lets the planner use an index or partition."""

    def __init__(self) -> None:
        super().__init__(queryset=ForumCategory.objects.all(), to_field_name="slug", label="The slug of a category.")


class ThreadFilter(filters.FilterSet):
    category = CategoryFilter()

    class Meta:
        model = ForumThread
        fields: list[str] = []


class BelowFilter(filters.FilterSet):
    # It chooses the queryset to begin with: see ThreadViewSet.posts.
    parent = filters.UUIDFilter(method=unchanged, label="The replies to this post; default: the posts that reply to "
                                                        "none.")

    class Meta:
        model = ForumPost
        fields: list[str] = []


class BelowPagination(KeysetPagination):
    """Pages of what groups.queries.forum.posts_below finds."""

    def ordered(self, queryset: QuerySet[Any], backwards: bool) -> QuerySet[Any]:
        """By the parent first, as posts_below says."""
        sign = "-" if backwards else ""
        return queryset.order_by(f"{sign}parent_id", f"{sign}created_at", f"{sign}id")


class CategoryViewSet(ListModelMixin, GenericViewSet[ForumCategory]):
    """The forum's categories, in their order."""

    queryset = ForumCategory.objects.all()
    serializer_class = ForumCategorySerializer
    permission_classes = [IsAuthenticated, NotPending]
    keyset = ("position", "name", "id")
    keyset_descending = False


class ThreadViewSet(IdempotentWrites, ListModelMixin, RetrieveModelMixin, GenericViewSet[ForumThread]):
    """Threads, those with the latest posts first."""

    queryset: QuerySet[Any] = ForumThread.objects.none()  # what it lists is in get_queryset
    serializer_class = ForumThreadSerializer
    filterset_class: Any = ThreadFilter
    permission_classes = [IsAuthenticated, NotPending]
    posting_scope = "posts"
    lookup_value_regex = UUID_PATTERN
    keyset: tuple[str, ...] = ("last_post_at", "id")
    keyset_descending = True

    def get_queryset(self) -> QuerySet[ForumThread]:
        return forum.threads()

    def get_object(self) -> ForumThread:
        """The thread of the address; the list's filters do not apply to it."""
        thread = get_object_or_404(forum.threads(), pk=self.kwargs["pk"])
        forum.mark_hidden(person_of(self.request), [thread])
        return thread

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        if self.action == "list":
            forum.mark_hidden(person_of(self.request), page or [])
        return page

    def parameter(self, name: str) -> Any:
        """A parameter of the address as the filters read it; None for a wrong one, which filter_queryset refuses."""
        form = self.filterset_class(self.request.query_params).form
        return form.cleaned_data[name] if form.is_valid() else None

    @extend_schema(request=NewForumThread, responses={201: ForumThreadSerializer})
    def create(self, request: Request) -> Response:
        """Begin a thread with its first post."""
        thread = services.create_thread(person_of(request), **NewForumThread.checked(request.data))
        forum.mark_hidden(person_of(request), [thread])
        return Response(self.get_serializer(thread).data, status=201)

    @extend_schema(parameters=[OpenApiParameter("category", OpenApiTypes.STR, description="The slug of a category.")],
                   responses=TopThreadsSerializer)
    @action(detail=False)
    def top(self, request: Request) -> Response:
        """The threads with the most posts in the last 7 days."""
        self.filter_queryset(self.get_queryset())  # refuses what is unknown or wrong
        category = self.parameter("category")
        threads = ranked(category) if category else aside.value(GLOBAL_FEED)
        return Response({"results": hidden_from(person_of(request), threads)})

    @extend_schema(responses=ForumTreeSerializer(many=True))
    @action(detail=True, queryset=ForumPost.objects.none(), serializer_class=ForumTreeSerializer,
            filterset_class=BelowFilter, pagination_class=BelowPagination, keyset=("created_at", "id"),
            keyset_descending=False)
    def posts(self, request: Request, pk: str) -> Response:
        """The thread's posts that reply to none (or to `parent`), oldest first, each with the replies below it."""
        thread = get_object_or_404(ForumThread, pk=pk)
        rows: QuerySet[Any] = forum.posts_below(thread, self.parent_in(thread))
        trees = forum.grown(thread, self.paginate_queryset(self.filter_queryset(rows)))
        forum.mark_hidden(person_of(request), forum.in_all(trees))
        return self.get_paginated_response(self.get_serializer(trees, many=True).data)

    def parent_in(self, thread: ForumThread) -> ForumPost | None:
        """The thread's post that the parameter `parent` names."""
        key = self.parameter("parent")
        if key is None:
            return None
        parent = thread.posts.filter(pk=key).first()
        if parent is None:
            raise Invalid("There is no such post in this thread.", attr="parent")
        return parent

    @extend_schema(request=NewForumPost, responses={201: ForumPostSerializer})
    @posts.mapping.post
    def reply(self, request: Request, pk: str) -> Response:
        """Post in the thread, or reply to one of its posts."""
        given = NewForumPost.checked(request.data)
        post = services.reply(person_of(request), get_object_or_404(ForumThread, pk=pk), **given)
        forum.mark_hidden(person_of(request), [post])
        return Response(ForumPostSerializer(post).data, status=201)


class PostViewSet(IdempotentWrites, RetrieveModelMixin, GenericViewSet[ForumPost]):
    queryset = ForumPost.objects.none()  # what it finds is in get_queryset
    serializer_class = ForumPostSerializer
    permission_classes = [IsAuthenticated, NotPending]
    posting_scope = "posts"
    lookup_value_regex = UUID_PATTERN

    def get_queryset(self) -> QuerySet[ForumPost]:
        return forum.posts()

    def get_object(self) -> ForumPost:
        post = super().get_object()
        forum.mark_hidden(person_of(self.request), [post])
        return post

    @extend_schema(request=ForumContent(partial=True), responses=ForumPostSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change your post, within an hour."""
        post = self.get_object()
        given = ForumContent.checked(request.data, partial=True)
        if given:
            services.edit_post(person_of(request), post, given["content"])
        return Response(self.get_serializer(post).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take your post back. Its place stays, for the replies; a thread's only post takes the thread with it."""
        services.delete_post(person_of(request), self.get_object())
        return Response(status=204)
