"""Moderators' right to record events and to reverse them."""

from django.db import migrations

from foodshare.db.rights import rights_of

ROLES = {"moderator": ("reputation.change_userglobalreputation", "reputation.change_reputationevent")}
grant, revoke = rights_of(ROLES)


class Migration(migrations.Migration):
    dependencies = [
        ("foodshare", "0009_staff_roles"),
        ("reputation", "0009_opening_balances"),
    ]
    operations = [
        migrations.RunPython(grant, revoke),
    ]
