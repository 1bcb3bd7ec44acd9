"""The rules that keep every page of the admin usable at millions of rows, in one place.

- Nothing is counted past COUNT_LIMIT, and no page lies deeper than that.
- A list is ordered by an index, always the same way; each filter is a condition that an index serves.
- A search is one look-up: a whole id, a whole e-mail address, or the beginning of a name.
- Rows are read-only unless a class says otherwise, and are never deleted here: what changes a state goes
  through the services, which know the rules.
"""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any, ClassVar, cast

from django.contrib.admin import ShowFacets, SimpleListFilter
from django.contrib.auth import get_permission_codename
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from foodshare.models import User

COUNT_LIMIT = 1000  # rows; counting so many takes about 11 buffers, whatever the table holds


def count_past_limit(rows: QuerySet[Any]) -> int:
    """How many rows there are, up to one past the limit."""
    return rows.order_by()[:COUNT_LIMIT + 1].count()


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts and pages up to COUNT_LIMIT rows; `capped` says that there are more."""

    template_name = "foodshare/admin/pagination.html"

    @cached_property
    def reached(self) -> int:
        return count_past_limit(cast("QuerySet[Any]", self.object_list))

    @cached_property
    def count(self) -> int:
        return min(self.reached, COUNT_LIMIT)

    @property
    def capped(self) -> bool:
        return self.reached > COUNT_LIMIT


class IndexedChangeList(ChangeList):
    """A list in the order its admin declares; the address cannot ask for another, which would sort the table."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Model]) -> list[Any]:
        return list(self.model_admin.get_ordering(request))


class ConditionFilter(SimpleListFilter):
    """A filter with named conditions: value → (label, condition). An index must serve each."""

    conditions: ClassVar[dict[str, tuple[str, Q]]] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, label) for value, (label, _) in self.conditions.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(self.conditions[value][1]) if value in self.conditions else queryset


class PlatformAdmin(ModelAdmin):
    """Base of every admin here. A class declares `ordering` by an index that ends in a unique column.

    `search_fields` are of three kinds, told by their form: `person__email` finds the rows that name the
    person of that whole address, `…startswith` a beginning, and a plain column of the table the whole term.
    """

    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 0
    list_disable_select_all = True
    list_fullwidth = True
    sortable_by: Sequence[str] = ()

    editable: ClassVar[tuple[str, ...]] = ()  # fields that its form may change
    may_add: ClassVar[bool] = False
    link_lookups: ClassVar[tuple[str, ...]] = ()  # indexed columns that links from other pages filter by

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[IndexedChangeList]:
        return IndexedChangeList

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup in self.link_lookups or lookup in {item.parameter_name for item in self.list_filter}

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """All fields but the editable ones, the key included."""
        own = [field.name for field in self.opts.concrete_fields if field.name not in self.editable]
        return [*own, *(name for name in self.readonly_fields if name not in own)]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_add and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.editable) and super().has_change_permission(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or self.has_moderate_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_moderate_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """May take decisions about rows of this kind; `obj` may be a key, and is not looked at."""
        return request.user.has_perm(f"{self.opts.app_label}.{get_permission_codename('change', self.opts)}")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any],
                           search_term: str) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        return (queryset.filter(self.search_condition(term)) if term else queryset), False

    def search_condition(self, term: str) -> Q:
        """What the one term asks for; impossible when nothing here is found by a term of its form."""
        people = [name.removesuffix("__email") for name in self.search_fields if name.endswith("__email")]
        if people and "@" in term:
            return self.by_person(people, term)
        prefixes = [Q(**{name: term.lower() if name.startswith("email") else term})
                    for name in self.search_fields if name.endswith("startswith")]
        exact = [Q(**{name: term}) for name in self.search_fields if "__" not in name and self.accepts(name, term)]
        return reduce(or_, prefixes + exact, Q(pk__in=[]))

    def accepts(self, field: str, term: str) -> bool:
        """Whether the term can be a value of the field: a UUID, a number, a text."""
        try:
            self.opts.get_field(field).to_python(term)
        except ValidationError:
            return False
        return True

    def by_person(self, fields: list[str], email: str) -> Q:
        """Rows that name the person of this address, each column by its own index."""
        person = User.objects.filter(email=email.lower()).first()
        if person is None:
            return Q(pk__in=[])
        first, *others = [self.model._base_manager.filter(**{field: person}).values("pk") for field in fields]
        return Q(pk__in=first.union(*others, all=True) if others else first)
