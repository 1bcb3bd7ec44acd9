"""Every admin keeps the rules that make it usable at millions of rows."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin import ShowFacets, site
from django.db.models import Field, ForeignKey
from django.test import RequestFactory

from foodshare.admin.base import CappedPaginator, ConditionFilter, IndexedChangeList, PlatformAdmin
from foodshare.models import CacheInvalidation, User, UserActivity, WatchedToken
from groups.models import WatchedExchange
from reputation.models import EventStreamCheckpoint, ReputationLeader, ReputationRank, ReputationState
from tests.admin.rows import all_admins, name_of

EVERY = pytest.mark.parametrize("model_admin", all_admins(), ids=name_of)


def test_every_table_of_ours_has_an_admin() -> None:
    ours = {model for app in ("foodshare", "groups", "reputation") for model in apps.get_app_config(app).get_models()}
    # Composite keys, of which the checkpoints have a page of their own; a memo of the ledger; what a person's page
    # shows; and what is gone after moments.
    assert ours - set(site._registry) == {EventStreamCheckpoint, ReputationLeader, ReputationRank, ReputationState,
                                          UserActivity, CacheInvalidation, WatchedExchange, WatchedToken}


@EVERY
def test_it_is_built_on_the_base_class(model_admin: PlatformAdmin) -> None:
    assert isinstance(model_admin, PlatformAdmin)


@EVERY
def test_it_counts_no_table_whole(model_admin: PlatformAdmin) -> None:
    assert model_admin.show_full_result_count is False
    assert issubclass(model_admin.paginator, CappedPaginator)
    assert model_admin.list_max_show_all <= model_admin.list_per_page <= 100


@EVERY
def test_it_cannot_be_sorted_otherwise(model_admin: PlatformAdmin) -> None:
    assert model_admin.sortable_by == ()
    assert issubclass(model_admin.get_changelist(RequestFactory().get("/")), IndexedChangeList)


@EVERY
def test_its_order_is_total(model_admin: PlatformAdmin) -> None:
    last = model_admin.get_ordering(RequestFactory().get("/"))[-1]
    field: Field[Any, Any] = model_admin.opts.get_field(str(last).removeprefix("-"))
    assert field.unique
    assert not field.null


@EVERY
def test_its_filters_are_conditions_that_an_index_serves(model_admin: PlatformAdmin) -> None:
    assert model_admin.show_facets is ShowFacets.NEVER
    assert model_admin.date_hierarchy is None
    assert all(issubclass(found, ConditionFilter) for found in model_admin.list_filter)


@EVERY
def test_it_offers_no_select_box_of_people(model_admin: PlatformAdmin) -> None:
    to_users = {field.name for field in model_admin.opts.concrete_fields
                if isinstance(field, ForeignKey) and field.related_model is User}
    boxes = to_users & set(model_admin.editable)
    assert boxes <= {*model_admin.raw_id_fields, *model_admin.autocomplete_fields}


@EVERY
def test_every_search_says_what_it_finds(model_admin: PlatformAdmin) -> None:
    assert model_admin.search_fields
    assert model_admin.search_help_text
