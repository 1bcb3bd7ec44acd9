"""The one table of PostgreSQL settings: what the embedded servers run with, what others are judged by.

`render()` makes the embedded servers' configuration. For a server of one's own, run SETTINGS_QUERY and hand
its rows to `findings()`. Deliberately absent: statement_timeout and lock_timeout, which belong to roles.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ops.servers.machine import GB, MB, Machine, clamp

# reset_val is what a new session of this role gets, whatever this one set for itself (its time zone).
SETTINGS_QUERY = "SELECT name, reset_val, unit FROM pg_settings WHERE name = ANY(%s)"

# What the platform uses, and why. PostgreSQL trusts a database's owner with all but the first.
EXTENSIONS = {
    "pg_stat_statements": "which statements cost the time",
    "pg_trgm": "text search by part of a word",
    "btree_gin": "plain columns inside GIN indexes",
}

HEADER = "# Written at every start from ops/servers/postgres_settings.py; use ALTER SYSTEM for changes.\n"
_SIZES = {"B": 1, "kB": 1024, "8kB": 8192, "MB": MB, "16MB": 16 * MB, "GB": GB}
_TIMES = {"us": 0.001, "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
UNITS: dict[str, float] = {**_SIZES, **_TIMES}


def quantity(text: str, unit: str | None = None) -> float:
    """A setting as a number: bytes for sizes, milliseconds for times. `unit` is that of pg_settings.

    A negative number means "none" or "unlimited" to PostgreSQL and is given back as it is.
    """
    number = text.rstrip("kMGBusmindh")
    factor = UNITS[text[len(number) :] or unit or "B"]
    return float(number) if float(number) < 0 else float(number) * factor


@dataclass(frozen=True)
class Expectation:
    """What a server of one's own must have. `example` passes: the advice where our own value is the machine's."""

    text: str
    accepts: Callable[[str, str | None], bool]
    example: str


def at_least(low: str) -> Expectation:
    return Expectation(f"at least {low}", lambda value, unit: quantity(value, unit) >= quantity(low), low)


def at_most(high: str) -> Expectation:
    return Expectation(f"at most {high}", lambda value, unit: quantity(value, unit) <= quantity(high), high)


def between(low: str, high: str) -> Expectation:
    def accepts(value: str, unit: str | None) -> bool:
        return quantity(low) <= quantity(value, unit) <= quantity(high)

    return Expectation(f"between {low} and {high}", accepts, low)


def one_of(*values: str) -> Expectation:
    return Expectation(
        " or ".join(values), lambda value, _: value.lower() in map(str.lower, values), values[0]
    )


def holds(library: str) -> Expectation:
    def accepts(value: str, _: str | None) -> bool:
        return library in (part.strip(' "') for part in value.split(","))

    return Expectation(f"a list with {library}", accepts, library)


def off_or_at_least(low: str) -> Expectation:
    def accepts(value: str, unit: str | None) -> bool:
        return quantity(value, unit) < 0 or quantity(value, unit) >= quantity(low)

    return Expectation(f"off (-1) or at least {low}", accepts, low)


ANYTHING = Expectation("anything", lambda _value, _unit: True, "")


@dataclass(frozen=True)
class Setting:
    """One row. `value` is what the embedded servers get; `expected` is what any other server is held to."""

    name: str
    value: str | Callable[[Machine], str]
    expected: Expectation
    why: str
    restart: bool = False
    minimum_version: int = 150_000  # as server_version_num

    def value_for(self, machine: Machine) -> str:
        return self.value if isinstance(self.value, str) else self.value(machine)

    def problem(self, current: str, unit: str | None, version: int) -> str | None:
        """What is unwise about a server's value, given as pg_settings has it; None when it is fine."""
        if version < self.minimum_version or self.expected.accepts(current, unit):
            return None
        shown = f"{current} * {unit}" if unit and unit[0].isdigit() else f"{current}{unit or ''}"
        return f"{self.name} is {shown!r}, expected {self.expected.text}: {self.why}"

    def advice(self, current: str) -> str:
        """The exact statement that puts it right, and what must follow for it to take effect."""
        wanted = self.value if isinstance(self.value, str) else self.expected.example
        if self.name == "shared_preload_libraries" and current:
            wanted = f"{current}, {wanted}"
            quoted = wanted  # a list: quoting it whole would make one name of it
        else:
            quoted = f"'{wanted}'"
        follow = "then restart the server" if self.restart else "then SELECT pg_reload_conf();"
        return f"ALTER SYSTEM SET {self.name} = {quoted}; {follow}"


@dataclass(frozen=True)
class Finding:
    setting: Setting
    problem: str
    advice: str


def findings(rows: Iterable[tuple[str, str, str | None]], version: int) -> Iterator[Finding]:
    """Judge the rows of SETTINGS_QUERY. `version` is the server's server_version_num.

    What has no row is passed over: the settings of an extension that is not loaded, and, for a role without
    pg_read_all_settings (part of pg_monitor), shared_preload_libraries.
    """
    by_name = {setting.name: setting for setting in SETTINGS}
    for name, current, unit in rows:
        setting = by_name[name]
        if problem := setting.problem(current or "", unit, version):
            yield Finding(setting, problem, setting.advice(current or ""))


def render(machine: Machine, own: dict[str, str]) -> str:
    """The configuration file of an embedded server: the table, then what is only this server's."""
    table = {setting.name: setting.value_for(machine) for setting in SETTINGS}
    lines = (f"{name} = '{value}'\n" for name, value in (table | own).items())
    return HEADER + "".join(lines)


def _megabytes(share: int, low: int, high: int) -> Callable[[Machine], str]:
    """The machine's memory divided by `share`, within bounds in MB."""
    return lambda machine: f"{clamp(machine.memory // share // MB, low, high)}MB"


def _shared_memory_kind(machine: Machine) -> str:
    return "posix" if machine.shared_memory >= 512 * MB else "sysv"


# fmt: off
SETTINGS: tuple[Setting, ...] = (
    # Connections
    Setting(
        "max_connections", "250", at_least("100"),
        "the pools (20 + 30, 10 + 20), jobs and upkeep must fit", True,
    ),
    Setting(
        "superuser_reserved_connections", "5", at_least("3"),
        "a full server must still let its keeper in", True,
    ),
    Setting("password_encryption", "scram-sha-256", one_of("scram-sha-256"), "md5 passwords can be replayed"),
    Setting(
        "idle_in_transaction_session_timeout", "5min", between("1s", "1h"),
        "a forgotten transaction holds locks and stops vacuum",
    ),
    # Memory: the primary, the replica and the application share one machine
    Setting(
        "shared_buffers", _megabytes(8, 128, 1024), at_least("256MB"),
        "the default suits no real load", True,
    ),
    Setting(
        "effective_cache_size", _megabytes(2, 512, 1024**2), at_least("1GB"),
        "else the planner shuns indexes",
    ),
    Setting("work_mem", _megabytes(512, 4, 32), at_least("8MB"), "sorts and hashes spill to disk below it"),
    Setting(
        "maintenance_work_mem", _megabytes(16, 64, 512), at_least("128MB"),
        "index builds and vacuum use it",
    ),
    Setting(
        "dynamic_shared_memory_type", _shared_memory_kind, ANYTHING,
        "containers have 64 MB of /dev/shm", True,
    ),
    # Durability: never to be traded for speed
    Setting("fsync", "on", one_of("on"), "without it a power failure destroys the database"),
    Setting("full_page_writes", "on", one_of("on"), "torn pages cannot be repaired without it"),
    Setting(
        "synchronous_commit", "on", one_of("on", "remote_apply"),
        "an acknowledged commit must survive: off loses some in a crash, local in a failover, as it waits for no "
        "standby, and remote_write when the standby's machine fails too, as it waits for no disk there",
    ),
    # WAL, checkpoints, replication
    Setting("wal_level", "replica", one_of("replica", "logical"), "standbys and backups need it", True),
    Setting(
        "wal_compression", "pglz", one_of("on", "pglz", "lz4", "zstd"),
        "full pages make up most of the WAL",
    ),
    Setting("max_wal_size", "2GB", at_least("1GB"), "too little means checkpoints without end"),
    Setting("min_wal_size", "256MB", ANYTHING, "recycled files are cheaper than new ones"),
    Setting(
        "checkpoint_timeout", "15min", between("5min", "1h"),
        "frequent checkpoints write full pages anew",
    ),
    Setting("checkpoint_completion_target", "0.9", at_least("0.5"), "spreads the writes of a checkpoint"),
    Setting("wal_keep_size", "256MB", ANYTHING, "a standby without slot may lag so far"),
    Setting(
        "max_slot_wal_keep_size", "2GB", at_least("64MB"),
        "a dead standby's slot must never fill the disk",
    ),
    Setting("max_wal_senders", "10", at_least("3"), "standbys and the WAL archive take one each, backups two", True),
    Setting("max_replication_slots", "10", at_least("2"), "one for each standby", True),
    Setting(
        "summarize_wal", "on", one_of("on"), "incremental backups need it",
        minimum_version=170_000,
    ),
    Setting("hot_standby", "on", one_of("on"), "reads go to the standby", True),
    Setting("hot_standby_feedback", "on", one_of("on"), "else long reads on the standby are cancelled"),
    Setting("wal_receiver_status_interval", "1s", ANYTHING, "how long dead rows stay that no standby reads any more"),
    Setting("wal_retrieve_retry_interval", "1s", ANYTHING, "how soon a standby tries its primary again"),
    # Autovacuum: the defaults wait for a fifth of a table, too late for big ones
    Setting("autovacuum", "on", one_of("on"), "tables bloat and transaction ids run out without it"),
    Setting("track_counts", "on", one_of("on"), "autovacuum works by these counts"),
    Setting("autovacuum_vacuum_scale_factor", "0.05", at_most("0.1"), "big tables are vacuumed too late"),
    Setting("autovacuum_analyze_scale_factor", "0.02", at_most("0.05"), "plans go by stale statistics"),
    Setting(
        "autovacuum_vacuum_insert_scale_factor", "0.1", at_most("0.2"),
        "index-only scans need it on ledgers",
    ),
    Setting(
        "autovacuum_vacuum_cost_limit", "1000", off_or_at_least("200"),
        "vacuum must keep pace with writes",
    ),
    Setting("autovacuum_vacuum_cost_delay", "2ms", at_most("10ms"), "vacuum must keep pace with writes"),
    # Planner
    Setting("random_page_cost", "1.1", at_most("2"), "4 is for spinning disks; it prefers scans to indexes"),
    Setting("effective_io_concurrency", "64", at_least("16"), "reads ahead for bitmap scans"),
    Setting("jit", "off", one_of("off"), "compiling costs more than these short queries"),
    Setting("default_statistics_target", "200", at_least("100"), "activity is skewed to few busy groups"),
    # Seeing what happens
    Setting(
        "shared_preload_libraries", "pg_stat_statements", holds("pg_stat_statements"),
        "statement statistics need it", True,
    ),
    Setting("pg_stat_statements.track", "top", one_of("top", "all"), "statement statistics are off"),
    Setting("compute_query_id", "auto", one_of("auto", "on", "regress"), "statement statistics need it"),
    Setting("track_io_timing", "on", one_of("on"), "tells slow disks from slow queries"),
    Setting("track_activity_query_size", "4096", ANYTHING, "longer statements are cut in statistics", True),
    # Log: slow statements and lock waits, never an echo of all, never personal values
    Setting(
        "log_statement", "none", one_of("none", "ddl"),
        "an echo of all statements is slow, and personal",
    ),
    Setting("log_min_duration_statement", "1s", off_or_at_least("100ms"), "0 is an echo of all statements"),
    Setting(
        "log_parameter_max_length", "0", one_of("0"),
        "parameters of logged statements are personal data",
    ),
    Setting("log_lock_waits", "on", one_of("on"), "names who blocks whom"),
    Setting("log_line_prefix", "%m [%p] %q%u@%d ", ANYTHING, "when, which process, who"),
    # Time: columns are TIMESTAMP WITHOUT TIME ZONE in UTC, and now() follows the session's zone
    Setting("TimeZone", "UTC", one_of("UTC", "Etc/UTC"), "now() would store another zone's wall clock"),
    Setting("log_timezone", "UTC", one_of("UTC", "Etc/UTC"), "logs of several machines must be comparable"),
)
# fmt: on
