"""What the database should hold: document A's part declared here as it is written there, ours as the models say.

The declarations do not come from the migrations, so that each can be judged by the other.
"""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Field, ForeignKey

from foodshare.db.operations import ROOT
from ops.servers.postgres_settings import EXTENSIONS

Expected = dict[str, dict[str, str]]  # kind → name → definition, as in the catalog

# What document A takes as given. An adopted database has just these, before anything of ours.
GIVEN_TABLES = {
    "users": """
        id uuid NOT NULL DEFAULT gen_random_uuid()
        name character varying(255) NOT NULL
        image text
        is_active boolean NOT NULL DEFAULT true
        created_at timestamp without time zone NOT NULL DEFAULT now()
        PRIMARY KEY (id)
    """,
    "food_posts": """
        id uuid NOT NULL DEFAULT gen_random_uuid()
        group_id uuid
        status character varying(20) NOT NULL DEFAULT 'available'
        pickup_time timestamp without time zone NOT NULL
        created_at timestamp without time zone NOT NULL DEFAULT now()
        title character varying(255) NOT NULL
        author_id uuid NOT NULL
        PRIMARY KEY (id)
        FOREIGN KEY (author_id) REFERENCES users(id)
    """,
    "exchanges": """
        id uuid NOT NULL DEFAULT gen_random_uuid()
        food_id uuid NOT NULL
        recipient_id uuid NOT NULL
        status character varying(20) NOT NULL DEFAULT 'pending'
        created_at timestamp without time zone NOT NULL DEFAULT now()
        PRIMARY KEY (id)
        FOREIGN KEY (food_id) REFERENCES food_posts(id)
        FOREIGN KEY (recipient_id) REFERENCES users(id)
    """,
    "ratings": """
        id uuid NOT NULL DEFAULT gen_random_uuid()
        exchange_id uuid NOT NULL
        stars integer NOT NULL
        created_at timestamp without time zone NOT NULL DEFAULT now()
        PRIMARY KEY (id)
        FOREIGN KEY (exchange_id) REFERENCES exchanges(id)
    """,
}
# Document A, step 1.
FOUNDATION_TABLES = {
    "users": """
        sharing_mode character varying(20) DEFAULT 'neighborhood'
        verification_level character varying(20) DEFAULT 'full'
    """,
    "community_groups": """
        id uuid NOT NULL DEFAULT gen_random_uuid()
        telegram_group_id bigint
        name character varying(255) NOT NULL
        group_type character varying(20) NOT NULL
        verification_required boolean DEFAULT false
        admin_user_id uuid
        created_at timestamp without time zone DEFAULT now()
        PRIMARY KEY (id)
        UNIQUE (telegram_group_id)
        FOREIGN KEY (admin_user_id) REFERENCES users(id)
    """,
    "user_global_reputation": """
        user_id uuid NOT NULL
        overall_score numeric(4,2) DEFAULT 75.00
        trust_level character varying(20) DEFAULT 'developing'
        total_food_shared integer DEFAULT 0
        total_food_claimed integer DEFAULT 0
        total_exchanges_completed integer DEFAULT 0
        total_groups_participated integer DEFAULT 0
        avg_food_rating numeric(3,2) DEFAULT 0.00
        avg_recipient_rating numeric(3,2) DEFAULT 0.00
        reliability_score numeric(4,2) DEFAULT 75.00
        reported_incidents integer DEFAULT 0
        resolved_disputes integer DEFAULT 0
        community_contributions integer DEFAULT 0
        account_age_days integer DEFAULT 0
        last_activity timestamp without time zone DEFAULT now()
        reputation_updated_at timestamp without time zone DEFAULT now()
        peak_reputation numeric(4,2) DEFAULT 75.00
        reputation_trend character varying(10) DEFAULT 'stable'
        last_stream_event_id character varying(100)
        stream_lag_seconds integer DEFAULT 0
        reputation_sync_status character varying(20) DEFAULT 'synced'
        PRIMARY KEY (user_id)
        FOREIGN KEY (user_id) REFERENCES users(id)
    """,
    "reputation_events": """
        id uuid NOT NULL DEFAULT gen_random_uuid()
        user_id uuid
        event_type character varying(50) NOT NULL
        impact_score numeric(5,2) NOT NULL
        previous_score numeric(4,2) NOT NULL
        new_score numeric(4,2) NOT NULL
        group_id uuid
        related_exchange_id uuid
        description text
        stream_id character varying(100)
        stream_partition integer
        processed_at timestamp without time zone
        created_at timestamp without time zone DEFAULT now()
        PRIMARY KEY (id)
        FOREIGN KEY (user_id) REFERENCES users(id)
        FOREIGN KEY (group_id) REFERENCES community_groups(id)
    """,
    "mode_transition_events": """
        id uuid NOT NULL DEFAULT gen_random_uuid()
        user_id uuid
        from_mode character varying(20)
        to_mode character varying(20)
        reason text
        stream_id character varying(100)
        created_at timestamp without time zone DEFAULT now()
        PRIMARY KEY (id)
        FOREIGN KEY (user_id) REFERENCES users(id)
    """,
    "event_stream_checkpoints": """
        consumer_group character varying(100) NOT NULL
        stream_name character varying(100) NOT NULL
        last_processed_id character varying(50) NOT NULL
        processed_at timestamp without time zone DEFAULT now()
        lag_seconds integer DEFAULT 0
        PRIMARY KEY (consumer_group, stream_name)
    """,
}
DOCUMENT_TABLES = set(GIVEN_TABLES) | set(FOUNDATION_TABLES)

# Document A, step 2; three without their NOW() term, as an index predicate must be immutable.
PERFORMANCE_INDEXES = {
    "idx_food_posts_active_location": "food_posts (status, pickup_time, group_id) WHERE status = 'available'",
    "idx_users_reputation_active": "user_global_reputation (trust_level, overall_score, last_activity)",
    "idx_users_sharing_mode": "users (sharing_mode, verification_level, created_at)",
    "idx_community_groups_telegram": "community_groups (telegram_group_id, group_type, admin_user_id)",
    "idx_reputation_events_user_recent": "reputation_events (user_id, created_at DESC)",
    "idx_reputation_events_stream": "reputation_events (stream_partition, stream_id, processed_at)",
    "idx_exchanges_group_status":
        "exchanges (food_id, status, created_at) WHERE status IN ('pending', 'confirmed', 'completed')",
    "idx_food_posts_discovery":
        "food_posts (group_id, status, pickup_time, created_at) WHERE status = 'available'",
}
# Document B, phase 1. The other index on roles it orders without a name.
SOCIAL_INDEXES = {
    "idx_messages_room_id": "messages (room_id)",
    "idx_messages_sender_id": "messages (sender_id)",
    "idx_active_users": "users (created_at) WHERE is_active = true",
    "idx_profiles_interests": "profiles USING gin (interests)",
    "idx_profiles_roles": "profiles USING gin (roles)",
    "idx_profiles_location": "profiles (location_city, location_state)",
    "idx_messages_created_at_brin": "messages USING brin (created_at)",
}
# Document B, phase 4: how a table is partitioned. Its keys must hold the columns that part it, which no model can say.
PARTITIONING = {
    "messages": ("RANGE (created_at)", {"PRIMARY KEY (id)": "PRIMARY KEY (id, created_at)"}),
    "status_updates": ("RANGE (created_at)", {"PRIMARY KEY (id)": "PRIMARY KEY (id, created_at)"}),
    "forum_posts": ("LIST (category)", {
        "PRIMARY KEY (id)": "PRIMARY KEY (id, category, created_at)",
        "FOREIGN KEY (thread_id)": "FOREIGN KEY (thread_id, category) REFERENCES forum_threads(id, category) "
                                   "DEFERRABLE INITIALLY DEFERRED",
    }),
}
# Document A, step 3; the unique index is ours, as a concurrent refresh needs one.
SUMMARY = "group_activity_summary"
SUMMARY_INDEX = "CREATE UNIQUE INDEX group_activity_summary_group_id_uniq ON group_activity_summary (group_id)"
FUNCTIONS = {
    "refresh_group_activity_summary()": """
        RETURNS void LANGUAGE plpgsql AS
        BEGIN
            REFRESH MATERIALIZED VIEW CONCURRENTLY group_activity_summary;
        END;
    """,
}
TEMPORARY = "creates temporary tables"
OUR_APPS = {"foodshare", "groups", "reputation"}

FUNCTION = re.compile(r"CREATE FUNCTION (\w+)\(([^)]*)\) (RETURNS .*)", re.S)
TYPES = {"timestamp": "timestamp without time zone"}
KEY = re.compile(r"(PRIMARY KEY|UNIQUE|FOREIGN KEY) (\([^()]+\))")


def expected(connection: BaseDatabaseWrapper) -> Expected:
    """Everything the schema should hold, by kind and name."""
    tables = {model._meta.db_table for model in our_models()} | DOCUMENT_TABLES
    constraints, indexes = _constraints_and_indexes(connection)
    return {
        "table": dict.fromkeys(tables, f"owned by {settings.OWNER_ROLE}"),
        "column": _columns(connection),
        "constraint": constraints,
        "index": indexes,
        "partitioning": {table: key for table, (key, _) in PARTITIONING.items()},
        "function": FUNCTIONS | dict(_function_files()),
        "trigger": dict(_triggers()),
        "extension": dict.fromkeys(EXTENSIONS, "installed"),
    }


def expected_rights(runtime: str) -> dict[str, str]:
    """The runtime role reads and writes rows, and does nothing else."""
    false = ("is a superuser", "creates databases or roles, passes row security or replicates",
             "creates in the schema", "creates schemas", TEMPORARY, "acts as the owner",
             "writes the record of migrations")
    nothing = ("owns", "may truncate", "may not read", "may not write")
    return {f"{runtime} {claim}": value for claims, value in ((false, "false"), (nothing, "nothing"))
            for claim in claims}


def our_models() -> list[type[models.Model]]:
    """The models, and the tables between them, that migrations of our apps build."""
    return [model for model in apps.get_models(include_auto_created=True)
            if model._meta.app_label in OUR_APPS and model._meta.managed]


def known_relations() -> set[str]:
    """The tables and views of all installed apps, and Django's own record of migrations."""
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    return tables | DOCUMENT_TABLES | {SUMMARY, MigrationRecorder.Migration._meta.db_table}


def constraint_name(table: str, name: str, definition: str) -> str:
    """A key goes by its columns, as adopted tables name keys in their own way; a check goes by its name."""
    key = KEY.match(definition)
    return f"{table} {key[1]} {key[2]}" if key else f"{table}.{name}"


def given() -> Expected:
    """The columns and keys that a database must hold to be adopted."""
    columns, keys = _declared(GIVEN_TABLES)
    return {"column": columns, "constraint": keys}


def _declared(tables: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The declared columns and keys of `tables`, by name."""
    columns, keys = {}, {}
    for table, text in tables.items():
        for line in filter(None, map(str.strip, text.splitlines())):
            if KEY.match(line):
                keys[constraint_name(table, "", line)] = line
            else:
                name, definition = line.split(" ", 1)
                columns[f"{table}.{name}"] = definition
    return columns, keys


def _columns(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Every column. Where document A has one, its word counts and not the model's."""
    ours = {f"{model._meta.db_table}.{field.column}": _column(connection, field)
            for model in our_models() for field in model._meta.local_concrete_fields if field.column}
    return {**ours, **_declared(GIVEN_TABLES)[0], **_declared(FOUNDATION_TABLES)[0]}


def _column(connection: BaseDatabaseWrapper, field: "Field[Any, Any]") -> str:
    parts = [(field.db_type(connection) or "").replace("varchar", "character varying")]
    if not field.null:
        parts.append("NOT NULL")
    if suffix := field.db_type_suffix(connection):
        parts.append(suffix)
    elif field.has_db_default():
        with connection.schema_editor(collect_sql=True, atomic=False) as editor:
            sql, values = editor.db_default_sql(field)
            parts.append("DEFAULT " + sql % tuple(map(editor.quote_value, values)))
    return " ".join(parts)


def _constraints_and_indexes(connection: BaseDatabaseWrapper) -> tuple[dict[str, str], dict[str, str]]:
    """Keys, checks and indexes: document A's as declared, ours as the .sql files and the models say."""
    files = dict(_index_files())
    constraints, indexes = {}, {}
    for statement in chain.from_iterable(statements(connection, model) for model in our_models()):
        if constraint := re.match(r"ALTER TABLE (\S+) ADD CONSTRAINT (\S+) (.*)", statement):
            if constraint[2] not in files:
                constraints[constraint_name(*constraint.groups())] = constraint[3]
        elif index := re.match(r"CREATE (?:UNIQUE )?INDEX (\S+) ", statement):
            indexes[index[1]] = statement
    for table, (_, keys) in PARTITIONING.items():
        for modelled, real in keys.items():
            del constraints[f"{table} {modelled}"]
            constraints[constraint_name(table, "", real)] = real
    constraints |= _declared(GIVEN_TABLES)[1] | _declared(FOUNDATION_TABLES)[1]
    documents = {name: f"CREATE INDEX {name} ON {rest}"
                 for name, rest in (PERFORMANCE_INDEXES | SOCIAL_INDEXES).items()}
    return constraints, indexes | files | documents | {SUMMARY_INDEX.split()[3]: SUMMARY_INDEX}


def statements(connection: BaseDatabaseWrapper, model: type[models.Model]) -> Iterator[str]:
    """What Django would run to add the model's keys, checks and indexes; nothing is run."""
    options = model._meta
    documents = options.db_table in DOCUMENT_TABLES
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        if not documents:
            editor.create_model(model)
        for item in (*options.constraints, *options.indexes):
            editor.execute(item.create_sql(model, editor))
    yield from (statement.replace('"', "") for statement in editor.collected_sql)
    for key in _foreign_keys(model) if documents else _inline_keys(model):
        yield f"ALTER TABLE {options.db_table} ADD CONSTRAINT {options.db_table} {key}"


def _foreign_keys(model: type[models.Model]) -> Iterator[str]:
    """Foreign keys on document A's tables: not deferrable, like the document's own."""
    for field in model._meta.local_concrete_fields:
        if isinstance(field, ForeignKey) and field.db_constraint:  # type: ignore[attr-defined]
            target = field.target_field
            yield f"FOREIGN KEY ({field.column}) REFERENCES {target.model._meta.db_table}({target.column})"


def _inline_keys(model: type[models.Model]) -> Iterator[str]:
    """Keys that Django writes inside CREATE TABLE."""
    options = model._meta
    for field in options.local_concrete_fields:
        if field.unique:
            columns = getattr(field, "columns", [field.column])  # a composite key has several
            yield f"{'PRIMARY KEY' if field.primary_key else 'UNIQUE'} ({', '.join(columns)})"
    for names in options.unique_together:
        columns = [field.column for field in options.local_concrete_fields if field.name in names]
        yield f"UNIQUE ({', '.join(filter(None, columns))})"


def _index_files() -> Iterator[tuple[str, str]]:
    """The indexes that the apps' .sql files create."""
    for path in sorted(path for app in OUR_APPS for path in (ROOT / app / "sql").glob("*.sql")):
        if match := re.search(r"^CREATE (?:UNIQUE )?INDEX CONCURRENTLY (\S+)", text := path.read_text(), re.M):
            yield match[1], text


def _function_files() -> Iterator[tuple[str, str]]:
    """The functions of our own that the apps' .sql files create."""
    for path in sorted(path for app in OUR_APPS for path in (ROOT / app / "sql").glob("*.sql")):
        if path.stem != "refresh_group_activity_summary" and (match := FUNCTION.search(path.read_text())):
            name, arguments, rest = match.groups()
            types = (argument.split()[1].lower() for argument in arguments.split(", "))
            yield f"{name}({','.join(TYPES.get(kind, kind) for kind in types)})", rest.replace("$$", "")


def _triggers() -> Iterator[tuple[str, str]]:
    """The models' triggers: enabled, with the hash that django-pgtrigger leaves as comment, and their body."""
    for model, trigger in pgtrigger.registered():
        compiled = trigger.compile(model)
        body = re.search(rf"{compiled.sql.pgid}\(\)\s+RETURNS TRIGGER AS \$\$(.*?)\$\$", compiled.install_sql, re.S)
        yield compiled.sql.pgid, f"enabled {compiled.hash}{body[1] if body else ''}"
