"""Writes to groups and their memberships, one transaction each.

Every change of a group's members first locks the group's row, so that its `member_count`, its last admin and
two changes at once need no further care. Posts in the group go on meanwhile.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.utils import IntegrityError
from psycopg.errors import UniqueViolation

from foodshare.cache.keys import GROUP_SUMMARY
from foodshare.cache.through import write_through
from foodshare.exceptions import Conflict, Forbidden, Invalid, Missing
from foodshare.models import User
from foodshare.services import outbox
from groups import live
from groups.models import CommunityGroup, MemberRole, Membership, MemberState, Room
from groups.models.communities import CLAIM_DELAYS, LADDER

FIRST_ROOM = "General"  # of every group


def create_group(creator: User, *, name: str, group_type: str, **fields: Any) -> CommunityGroup:
    """Found a group; its creator is its admin and first member.

    Raises Conflict when the creator shares in the other mode or `telegram_group_id` belongs to another group.
    """
    refuse_other_mode(creator, group_type)
    group = CommunityGroup(name=name, group_type=group_type, admin_user=creator, member_count=1, **fields)
    with transaction.atomic():
        try:
            with transaction.atomic():
                group.save(force_insert=True)
        except IntegrityError as error:
            if isinstance(error.__cause__, UniqueViolation):
                raise Conflict("Another group has this telegram_group_id.") from error
            raise
        Membership.objects.create(group=group, user=creator, role=MemberRole.ADMIN)
        Room.objects.create(group=group, name=FIRST_ROOM)
        live.membership_changed(creator.pk)
        record("group_created", group, creator.pk)
    return group


def edit_group(admin: User, group_id: UUID, **changes: Any) -> CommunityGroup:
    """Change what the group says of itself, and its delays.

    Raises Missing, Forbidden but for an admin, or Invalid for delays that favour those who are trusted less.
    """
    with transaction.atomic():
        group = locked(group_id)
        refuse_but_admins(group, admin)
        for name, value in changes.items():
            setattr(group, name, value)
        refuse_inverted(group, changes)
        group.save(update_fields=changes)
        write_through(GROUP_SUMMARY, group_id)
    return group


def refuse_inverted(group: CommunityGroup, changes: Mapping[str, Any]) -> None:
    """Hold to LADDER, naming a delay that the request changes."""
    for shorter, longer in pairwise(CLAIM_DELAYS):
        if getattr(group, shorter) > getattr(group, longer):
            raise Invalid(LADDER, attr=shorter if shorter in changes else longer)


def join(user: User, group_id: UUID) -> tuple[Membership, bool]:
    """Join a group, or ask to where its admin approves members; the membership, and whether it is new.

    To join again is harmless. Raises Missing, or Conflict when the person shares in the other mode.
    """
    with transaction.atomic():
        group = locked(group_id)
        refuse_other_mode(user, group.group_type)
        state = MemberState.PENDING if group.verification_required else MemberState.ACTIVE
        membership, is_new = Membership.objects.get_or_create(group=group, user=user, defaults={"state": state})
        if is_new and state == MemberState.ACTIVE:
            count_member(group, user.pk, 1)
        if is_new:
            record("group_joined" if state == MemberState.ACTIVE else "group_join_requested", group, user.pk)
    return membership, is_new


def approve_member(admin: User, group_id: UUID, user_id: UUID) -> Membership:
    """Make a pending member an active one; harmless when it is.

    Raises Missing, Forbidden but for an admin, or Conflict when the person has switched to the other mode.
    """
    with transaction.atomic():
        group = locked(group_id)
        refuse_but_admins(group, admin)
        membership = membership_of(group, user_id)
        if membership.state == MemberState.PENDING:
            refuse_other_mode(membership.user, group.group_type, "this person shares")
            membership.state = MemberState.ACTIVE
            membership.save(update_fields=["state"])
            count_member(group, user_id, 1)
            record("group_joined", group, user_id)
    return membership


def remove_member(admin: User, group_id: UUID, user_id: UUID) -> None:
    """End a membership, or reject a pending one.

    Raises Missing, Forbidden but for an admin of the group, or Conflict when the member is an admin.
    """
    with transaction.atomic():
        group = locked(group_id)
        refuse_but_admins(group, admin)
        membership = membership_of(group, user_id)
        if group.is_administered_by(user_id):
            raise Conflict("An admin of the group cannot be removed.")
        end(group, membership, "group_member_removed")


def leave(user: User, group_id: UUID) -> None:
    """Leave a group, or take back the wish to join. Raises Missing, or Conflict for its last admin."""
    with transaction.atomic():
        group = locked(group_id)
        membership = membership_of(group, user.pk)
        if group.is_administered_by(user.pk):
            hand_over(group, user)
        end(group, membership, "group_left")


def hand_over(group: CommunityGroup, leaver: User) -> None:
    """See to it that an admin remains when `leaver` has left. Raises Conflict when nobody else is one."""
    others = Membership.objects.filter(group=group, role=MemberRole.ADMIN, state=MemberState.ACTIVE)
    successor = others.exclude(user=leaver).order_by("created_at", "id").first()
    if successor is None:
        raise Conflict("The last admin of a group cannot leave it.")
    if group.admin_user_id == leaver.pk:
        CommunityGroup.objects.filter(pk=group.pk).update(admin_user=successor.user_id)


def end(group: CommunityGroup, membership: Membership, event_type: str) -> None:
    """Delete a membership. One that was pending is told as 'group_join_ended', whoever ended it."""
    was_active = membership.state == MemberState.ACTIVE
    membership.delete()
    if was_active:
        count_member(group, membership.user_id, -1)
    record(event_type if was_active else "group_join_ended", group, membership.user_id)


def locked(group_id: UUID) -> CommunityGroup:
    """The group, its members' changes held up until the transaction ends; foreign keys to it are not."""
    group = CommunityGroup.objects.select_for_update(no_key=True).filter(pk=group_id).first()
    if group is None:
        raise Missing("There is no such group.")
    return group


def membership_of(group: CommunityGroup, user_id: UUID) -> Membership:
    membership = Membership.objects.filter(group=group, user=user_id).first()
    if membership is None:
        raise Missing("This person does not belong to the group.")
    return membership


def refuse_but_admins(group: CommunityGroup, user: User) -> None:
    if not group.is_administered_by(user.pk):
        raise Forbidden("Only an admin of the group may do this.")


def refuse_other_mode(user: User, group_type: str, who_shares: str = "you share") -> None:
    if user.sharing_mode != group_type:
        raise Conflict(f"This is a {group_type} group, and {who_shares} in {user.sharing_mode} mode.")


def count_member(group: CommunityGroup, user_id: UUID, change: int) -> None:
    """Count one active member more or less, and have it noticed what the person now hears."""
    CommunityGroup.objects.filter(pk=group.pk).update(member_count=F("member_count") + change)
    write_through(GROUP_SUMMARY, group.pk)
    live.membership_changed(user_id)


def record(event_type: str, group: CommunityGroup, user_id: UUID) -> None:
    """Say in the outbox what happened to the person `user_id` in the group."""
    outbox.append(outbox.GROUP_ACTIVITIES, event_type, user_id, group_id=str(group.pk), group_type=group.group_type)
