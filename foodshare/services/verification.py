"""How a person in neighborhood mode is verified: they submit an address, a moderator approves or rejects it."""

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.utils import timezone

from foodshare.exceptions import Conflict, Forbidden, Invalid
from foodshare.models import Building, RequestState, SharingMode, User, VerificationLevel, VerificationRequest
from foodshare.services import outbox


@transaction.atomic
def submit(user: User, *, address: str, apartment: str, phone: str, city: str = "") -> VerificationRequest:
    """Ask for verification, in place of an open request. Raises Conflict in community mode.

    A verified neighbor who moves stays verified at the old address until the new one is approved.
    """
    person = lock_person(user)
    if person.sharing_mode != SharingMode.NEIGHBORHOOD:
        raise Conflict("Only people in neighborhood mode are verified by address; switch to it first.")
    # A new row, not a changed one: a moderator must not approve what they have not seen.
    VerificationRequest.objects.filter(user=person, state=RequestState.PENDING).delete()
    request = VerificationRequest.objects.create(
        user=person, address=f"{address}, {city}" if city else address, apartment=apartment, phone=phone,
        building=find_building(address, city))
    request.refresh_from_db(fields=["created_at"])
    outbox.append(outbox.MODE_TRANSITIONS, "verification_requested", person.pk, request_id=str(request.pk))
    return request


def find_building(address: str, city: str = "") -> Building | None:
    """The one building at `address`, in any case of letters; None when there is none or more than one."""
    buildings = Building.objects.alias(lower_address=Lower("address")).filter(lower_address=Lower(Value(address)))
    if city:
        buildings = buildings.alias(lower_city=Lower("neighborhood__city")).filter(lower_city=Lower(Value(city)))
    found = list(buildings[:2])
    return found[0] if len(found) == 1 else None


@transaction.atomic
def approve(request: VerificationRequest, reviewer: User) -> None:
    """Verify the person as a neighbor in the request's building, which is verified with them.

    Raises Conflict when no building is chosen or the request is no longer open, Forbidden for one's own.
    """
    person = lock_open(request, reviewer)
    if request.building is None:
        raise Conflict("Choose the building of this address first.")
    Building.objects.filter(pk=request.building.pk, verified_at=None).update(verified_at=timezone.now())
    person.building, person.apartment = request.building, request.apartment
    if person.sharing_mode == SharingMode.NEIGHBORHOOD:
        person.verification_level = VerificationLevel.FULL
    person.save(update_fields=["building", "apartment", "verification_level"])
    close(request, reviewer, RequestState.APPROVED)


@transaction.atomic
def reject(request: VerificationRequest, reviewer: User, reason: str) -> None:
    """Refuse the request for `reason`, which the person is told. Raises as `approve` does; Invalid without one."""
    if not reason.strip():
        raise Invalid("Give the reason, which the person is told.", attr="reason")
    lock_open(request, reviewer)
    request.rejection_reason = reason.strip()
    close(request, reviewer, RequestState.REJECTED)


def lock_person(user: User) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def lock_open(request: VerificationRequest, reviewer: User) -> User:
    """Lock the person and then the request, as `submit` does, bring it up to date and answer the person."""
    if request.user_id == reviewer.pk:
        raise Forbidden("Another moderator must review your own request.")
    person = lock_person(request.user)
    try:
        request.refresh_from_db(from_queryset=VerificationRequest.objects.select_for_update())
    except VerificationRequest.DoesNotExist:
        raise Conflict("The person has replaced this request by a newer one.") from None
    if request.state != RequestState.PENDING:
        raise Conflict(f"This request is already {request.state}.")
    return person


def close(request: VerificationRequest, reviewer: User, state: RequestState) -> None:
    request.state, request.reviewed_by, request.reviewed_at = state, reviewer, timezone.now()
    request.save(update_fields=["state", "reviewed_by", "reviewed_at", "rejection_reason"])
    outbox.append(outbox.MODE_TRANSITIONS, f"verification_{state.value}", request.user_id, request_id=str(request.pk))
