"""Giving the staff's roles rights to new tables, in a migration."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.contrib.auth.management import create_permissions
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

Step = Callable[[Any, BaseDatabaseSchemaEditor], None]
Rights = Mapping[str, tuple[str, ...]]  # of each role, such as "app.view_model"


def rights_of(rights: Rights) -> tuple[Step, Step]:
    """For RunPython: what gives each role its rights, and what takes them away again."""
    def grant(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
        using = schema_editor.connection.alias
        make_rows(apps, using, {label.split(".")[0] for labels in rights.values() for label in labels})
        granted = granted_rows(apps, using)
        for role, keys in held(apps, using, rights):
            granted.bulk_create([granted.model(group_id=role, permission_id=key) for key in keys],
                                ignore_conflicts=True)

    def revoke(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
        using = schema_editor.connection.alias
        for role, keys in held(apps, using, rights):
            granted_rows(apps, using).filter(group_id=role, permission_id__in=keys).delete()

    return grant, revoke


def make_rows(apps: Any, using: str, labels: set[str]) -> None:
    """The rows of the apps' rights, which migrate makes only at its end."""
    for label in sorted(labels):
        config = apps.get_app_config(label)
        config.models_module = True  # create_permissions passes over an app without, as all are in a migration
        create_permissions(config, verbosity=0, using=using, apps=apps)


def granted_rows(apps: Any, using: str) -> Any:
    """The table between roles and rights; role.permissions.add() would write through the router."""
    return apps.get_model("auth", "Group").permissions.through.objects.using(using)


def held(apps: Any, using: str, rights: Rights) -> Iterator[tuple[int, list[int]]]:
    """Of each role that is still there: its key and the keys of its rights."""
    rows = apps.get_model("auth", "Permission").objects.using(using)
    for role in apps.get_model("auth", "Group").objects.using(using).filter(name__in=rights):
        names = [label.split(".") for label in rights[role.name]]
        yield role.pk, [rows.get(content_type__app_label=app, codename=name).pk for app, name in names]
