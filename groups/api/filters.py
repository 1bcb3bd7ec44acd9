"""Query parameters of the lists of groups and members."""

from django import forms
from django.db.models import QuerySet
from django_filters import rest_framework as filters

from foodshare.api.filters import WordsFilter
from foodshare.api.requests import person_of
from groups.models import CommunityGroup, GroupActivitySummary, GroupType, Membership, MemberState

MOST_POSTS = 10**9


class WholeNumberFilter(filters.NumberFilter):
    field_class = forms.IntegerField


class GroupFilter(filters.FilterSet):
    type = filters.ChoiceFilter(field_name="group_type", choices=GroupType.choices)
    q = WordsFilter("name")
    city = filters.CharFilter(lookup_expr="iexact", max_length=100, label="The city, in any case.")
    mine = filters.ChoiceFilter(choices=[("true", "true"), ("false", "false")], method="belonging",
                                label="true: only groups you belong to or have asked to join.")

    class Meta:
        model = CommunityGroup
        fields: list[str] = []

    def belonging(self, queryset: QuerySet[CommunityGroup], name: str, value: str) -> QuerySet[CommunityGroup]:
        if value == "false":
            return queryset
        return queryset.filter(memberships__user=person_of(self.request))


class MemberFilter(filters.FilterSet):
    """Active members unless `state` says otherwise."""

    state = filters.ChoiceFilter(choices=MemberState.choices, label="Default: active. Pending is for the admins.")

    class Meta:
        model = Membership
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Membership]) -> QuerySet[Membership]:
        return queryset.filter(state=self.form.cleaned_data["state"] or MemberState.ACTIVE)


class DiscoverFilter(filters.FilterSet):
    type = filters.ChoiceFilter(field_name="group_type", choices=GroupType.choices)
    q = WordsFilter("group__name")  # the group's own, which has the index; the view's is of the last refresh
    min_posts = WholeNumberFilter(field_name="food_posts_30d", lookup_expr="gte", min_value=0, max_value=MOST_POSTS,
                                  label="At least so many posts in the last 30 days.")

    class Meta:
        model = GroupActivitySummary
        fields: list[str] = []
