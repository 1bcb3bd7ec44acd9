"""Finding people and groups, and ranking the members of a group."""

from functools import partial
from itertools import product
from typing import Any

from foodshare.api.profiles import ProfileViewSet
from foodshare.models import Profile, User
from groups.api.views import GroupViewSet
from ops.benchmarks import talk
from ops.benchmarks.read import Read, get
from ops.benchmarks.sample import Sample

LIMIT = 50.0  # ms, document B
WORDS = ("fridge", "comm", "zzz")  # of groups' names: of many, the beginning of one, of none
PEOPLE = ProfileViewSet.as_view({"get": "list"})
PERSON = ProfileViewSet.as_view({"get": "retrieve"})
GROUPS = GroupViewSet.as_view({"get": "list"})
LEADERBOARD = GroupViewSet.as_view({"get": "leaderboard"}, **GroupViewSet.leaderboard.kwargs)


def reads(sample: Sample) -> list[Read]:
    readers = sample.few[:2]
    return [
        Read("profile of a person", LIMIT, [
            partial(get, PERSON, reader, pk=str(person)) for reader in readers[:1] for person in sample.people
            if talk.active().filter(pk=person).exists()], as_statements=True),
        Read("people: search", LIMIT, [
            partial(get, PEOPLE, reader, search) for search, reader in product(searches(), readers)],
            as_statements=True),
        Read("groups: search", LIMIT, [
            partial(get, GROUPS, reader, {"q": words}) for words, reader in product(WORDS, readers)],
            as_statements=True),
        Read("group's leaderboard", LIMIT, [
            partial(get, LEADERBOARD, user, pk=str(group)) for user, group in sample.members], as_statements=True),
    ]


def searches() -> list[dict[str, Any]]:
    """For a name that many have, one person's whole name, nobody's, and by what people tell of themselves."""
    person = User.objects.filter(is_active=True, name__contains=" ").order_by("-created_at", "pk").first()
    profile = Profile.objects.exclude(interests=[]).exclude(location_city="").order_by("pk").first()
    by_name = [{"q": person.name.split()[0]}, {"q": person.name}, {"q": "zzz"}] if person else []
    by_profile = [{"city": profile.location_city}, {"interest": profile.interests[0]},
                  {"city": profile.location_city, "interest": profile.interests[0]}] if profile else []
    return [*by_name, *by_profile]
