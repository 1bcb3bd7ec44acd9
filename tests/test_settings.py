"""Settings come from the environment: a bad value is a clear error that names the variable; defaults are safe."""

import json
import os
import subprocess
import sys
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(settings.BASE_DIR)
SECRET = "s3cret-word"
URL = f"postgres://app:{SECRET}@db.example/foodshare"
OWN = {"DATABASE_URL": URL, "SECRET_KEY": "k" * 50}
NAMES = ("DATABASE_", "REPLICA_", "REDIS_", "STREAM_", "SECRET_", "POOL_", "FOODSHARE_", "DJANGO_",
         "LIVE_", "CACHE_", "BACKUP_")


def clean_environment() -> dict[str, str]:
    """The environment without any setting."""
    return {name: value for name, value in os.environ.items() if not name.startswith(NAMES)}


def run(arguments: list[str], variables: dict[str, str], tmp_path: Path) -> "subprocess.CompletedProcess[str]":
    """Run Python with no setting in the environment but `variables`."""
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60,
                          env=clean_environment() | {"FOODSHARE_DATA_DIR": str(tmp_path / "data")} | variables)


def values(names: list[str], variables: dict[str, str], tmp_path: Path) -> dict[str, Any]:
    """The settings `names` as a process with `variables` sees them."""
    code = (f"import json, os; os.environ['DJANGO_SETTINGS_MODULE'] = 'foodshare.settings'\n"
            f"from django.conf import settings\nprint(json.dumps({{n: getattr(settings, n) for n in {names}}}))")
    result = run(["-c", code], variables, tmp_path)
    assert result.returncode == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def read_settings(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The settings as they are made of `variables`, in this process and beside its own."""
    for name in clean_environment().keys() ^ os.environ.keys():
        monkeypatch.delenv(name)
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    return run_path(str(ROOT / "foodshare" / "settings.py"))


@pytest.mark.parametrize(("variable", "value"), [
    ("DATABASE_URL", "nonsense"), ("DATABASE_URL", f"mysql://app:{SECRET}@db/foodshare"),
    ("DATABASE_URL", f"postgres://app:{SECRET}@db/"), ("DATABASE_URL", "postgres://db/foodshare"),
    ("DATABASE_URL", f"postgres://app:{SECRET}@db:port/foodshare"),
    ("DATABASE_URL", f"postgres://app:{SECRET}@db:99999/foodshare"),
    ("DATABASE_URL", f"postgres://app:{SECRET}@/foodshare"), ("DATABASE_URL", f"{URL}?colour=blue"),
    ("DATABASE_OWNER_URL", "nonsense"), ("DATABASE_OWNER_URL", f"redis://:{SECRET}@db/0"),
    ("BACKUP_URL", "nonsense"), ("BACKUP_URL", f"redis://app:{SECRET}@db/0"),
    ("BACKUP_URL", f"postgres://app:{SECRET}@a,b/"), ("BACKUP_URL", f"postgres://:{SECRET}@a,b/foodshare"),
    ("BACKUP_URL", f"postgres://app:{SECRET}@/foodshare"), ("BACKUP_URL", f"postgres://app:{SECRET}%zz@a,b/foodshare"),
    ("BACKUP_URL", f"postgres://app:{SECRET}@[a,b/foodshare"), ("BACKUP_URL", f"{URL}?colour=blue"),
    ("BACKUP_URL", f"postgres://app:{SECRET}@a:5432,b:port/foodshare"),
    ("BACKUP_URL", f"postgres://app:{SECRET}@a:0,b/foodshare"), ("BACKUP_URL", f"{URL}?sslmode=bogus"),
    ("BACKUP_URL", f"postgres://app:{SECRET}@a,b:99999/foodshare"),
    ("REPLICA_URL", f"{URL},nonsense"), ("REPLICA_URL", f"{URL},postgres://app:{SECRET}@db/"),
    ("REDIS_URL", f"http://:{SECRET}@cache"), ("REDIS_URL", "redis://"), ("STREAM_URL", f"postgres://:{SECRET}@db/x"),
    ("LIVE_URL", "live.example"), ("LIVE_URL", "redis://live.example"), ("LIVE_URL", "https://"),
    ("LIVE_URL", f"https://app:{SECRET}@live.example"), ("LIVE_URL", "https://live.example/?ticket=1"),
    ("SECRET_KEY", ""), ("DEBUG", "maybe"), ("READ_FROM_REPLICAS", "2"), ("FOODSHARE_USE_POOLS", "x"),
    ("DISABLE_SERVER_SIDE_CURSORS", "x"), ("SECURE_SSL_REDIRECT", "x"), ("BEHIND_TLS_PROXY", "x"),
    ("POOL_SIZE", "many"), ("POOL_SIZE", "-1"), ("POOL_SIZE", "1.5"), ("POOL_SIZE", "²"), ("POOL_OVERFLOW", "1e3"),
    ("REPLICA_POOL_SIZE", "9" * 30), ("REPLICA_POOL_OVERFLOW", "-5"), ("POOL_TIMEOUT", "0"), ("POOL_RECYCLE", "never"),
    ("TOKEN_DAYS", "0"), ("TOKEN_DAYS", "999999999"), ("MAX_BODY_BYTES", "1"), ("SECURE_HSTS_SECONDS", "-1"),
    ("MESSAGES_KEEP_MONTHS", "0"), ("STATUS_UPDATES_KEEP_WEEKS", "all"), ("FORUM_POSTS_KEEP_MONTHS", "12.5"),
    ("MESSAGES_KEEP_MONTHS", "1201"), ("PARTITIONS_PAST", "drop"), ("LOG_LEVEL", "LOUD"), ("SECRET_KEY", " "),
    ("STREAM_URL", f"redis://:{SECRET}@cache/streams"),
    ("REDIS_URL", "redis://cache/0/1"), ("DATABASE_URL", f"{URL}?sslmode=bogus"), ("ALLOWED_HOSTS", ""),
    ("REDIS_CLUSTER", "three"), ("CACHE_PATIENCE_MS", "0"), ("CACHE_PATIENCE_MS", "5001"),
    ("CACHE_PATIENCE_MS", "0.25"),
    ("CACHE_PAUSE_MS", "0"), ("CACHE_PAUSE_MS", "a while"), ("CACHE_PAUSE_MS", "60001"), ("CACHE_CHECKED_ONE_IN", "0"),
    ("CACHE_CHECKED_ONE_IN", "-3"), ("CACHE_LOCAL_MB", "0"), ("CACHE_LOCAL_MB", "4097"), ("CACHE_LOCAL_MB", "1 GB"),
    ("CACHE_PREFIX", "site{1}:"), ("CACHE_PREFIX", "a b:"), ("CACHE_PREFIX", "\u2028"),
    ("ALLOWED_HOSTS", " , "), ("DATABASE_OWNER_URL", f"postgres://owner:{SECRET}@db2.example/foodshare"),
    ("DATABASE_OWNER_URL", f"postgres://owner:{SECRET}@db.example:5433/foodshare"),
    ("DATABASE_OWNER_URL", f"postgres://owner:{SECRET}@db.example/other"),
    ("EMAIL_URL", "mail.example"), ("EMAIL_URL", f"http://app:{SECRET}@mail.example"), ("EMAIL_URL", "smtp://"),
    ("EMAIL_URL", f"smtp://app:{SECRET}@mail.example:port"), ("EMAIL_URL", f"smtp+tls://app:{SECRET}@mail.example/in"),
    ("ALERT_EMAILS", "ada"), ("ALERT_EMAILS", "ada@example.org, Ben <ben@example.org>"), ("EMAIL_FROM", "nobody"),
    ("ALERT_WEBHOOK_URL", "chat.example/hook"), ("ALERT_WEBHOOK_URL", f"https://app:{SECRET}@chat.example/hook"),
    ("ALERT_WEBHOOK_URL", "https://"), ("ALERT_REPEAT_HOURS", "0"), ("ALERT_REPEAT_HOURS", "often"),
])
def test_a_bad_value_is_named(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        read_settings(OWN | {variable: value}, monkeypatch)
    message = str(caught.value)
    assert message.startswith(variable)
    assert message.isprintable()
    assert SECRET not in message


@pytest.mark.parametrize("hosts", ["db", "a:5432,b:5433", "a,b,[fd00::13]:5433"])
def test_backups_may_follow_the_primary_among_several_hosts(hosts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"postgresql://app:{SECRET}@{hosts}/foodshare?target_session_attrs=read-write"
    assert read_settings(OWN | {"BACKUP_URL": url}, monkeypatch)["BACKUP_URL"] == url


@pytest.mark.parametrize("prefix", ["", "REPLICA_"])
def test_a_pool_of_no_connection_is_an_error(prefix: str, tmp_path: Path) -> None:
    nothing = {f"{prefix}POOL_SIZE": "0", f"{prefix}POOL_OVERFLOW": "0"}
    result = run(["manage.py", "check"], OWN | nothing, tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(f"error: {prefix}POOL_SIZE and {prefix}POOL_OVERFLOW: ")


def test_a_pooler_may_stand_before_the_owners_server(tmp_path: Path) -> None:
    pooler = {"DATABASE_OWNER_URL": f"postgres://owner:{SECRET}@direct.example:5433/foodshare",
              "DISABLE_SERVER_SIDE_CURSORS": "true"}
    assert values(["OWNER_ROLE"], OWN | pooler, tmp_path) == {"OWNER_ROLE": "owner"}


@pytest.mark.parametrize("command", ["check", "migrate", "servers"])
def test_a_command_says_so_in_one_line(command: str, tmp_path: Path) -> None:
    result = run(["manage.py", command], OWN | {"POOL_SIZE": "many"}, tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "error: POOL_SIZE = 'many': must be a whole number from 0 to 1000\n"


def test_a_data_directory_that_cannot_be_used_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run(["manage.py", "check"], {"FOODSHARE_DATA_DIR": str(tmp_path / "file")}, tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith("error: FOODSHARE_DATA_DIR")
    assert "Traceback" not in result.stderr


def test_a_secret_key_is_needed_with_servers_of_ones_own(tmp_path: Path) -> None:
    result = run(["manage.py", "check"], {"DATABASE_URL": URL}, tmp_path)
    assert (result.returncode, result.stderr.split(":")[:2]) == (1, ["error", " SECRET_KEY"])


def test_defaults_with_servers_of_ones_own_are_safe(tmp_path: Path) -> None:
    names = ["DEBUG", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS",
             "ALLOWED_HOSTS", "LOG_LEVEL"]
    assert values(names, OWN, tmp_path) == {
        "DEBUG": False, "SECURE_SSL_REDIRECT": True, "SESSION_COOKIE_SECURE": True, "CSRF_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 31_536_000, "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"], "LOG_LEVEL": "WARNING"}


def test_djangos_own_check_for_production_finds_nothing_unsafe(tmp_path: Path) -> None:
    variables = OWN | {"SECRET_KEY": "".join(chr(33 + n) for n in range(80))}
    result = run(["manage.py", "check", "--deploy", "--tag", "security", "--fail-level", "ERROR"], variables, tmp_path)
    assert result.returncode == 0
    found = {line.split(")")[0] for line in result.stderr.splitlines() if line.startswith("?: (security")}
    assert found == {"?: (security.W005", "?: (security.W021"}  # HSTS for subdomains and preload are the owner's choice


def test_embedded_servers_have_no_debug_and_a_key_of_their_own(tmp_path: Path) -> None:
    first, again = (values(["DEBUG", "SECRET_KEY"], {}, tmp_path) for _ in range(2))
    assert first == again
    assert (first["DEBUG"], len(first["SECRET_KEY"]) >= 50) == (False, True)


def test_the_pools_are_document_as(tmp_path: Path) -> None:
    found = values(["DATABASES"], OWN | {"REPLICA_URL": URL, "FOODSHARE_USE_POOLS": "true"}, tmp_path)["DATABASES"]
    assert found["default"]["OPTIONS"]["pool"] == {"min_size": 20, "max_size": 50, "timeout": 30, "max_lifetime": 1800}
    assert found["replica"]["OPTIONS"]["pool"] == {"min_size": 10, "max_size": 30, "timeout": 30, "max_lifetime": 1800}
    assert all(database["CONN_HEALTH_CHECKS"] for database in found.values())


def test_commands_open_no_pool(tmp_path: Path) -> None:
    found = values(["DATABASES"], OWN, tmp_path)["DATABASES"]
    assert not any("pool" in database["OPTIONS"] for database in found.values())


def test_a_list_of_replicas_is_read(tmp_path: Path) -> None:
    found = values(["REPLICA_ALIASES", "READ_FROM_REPLICAS"], OWN | {"REPLICA_URL": f" {URL} , {URL},"}, tmp_path)
    assert found == {"REPLICA_ALIASES": ["replica", "replica2"], "READ_FROM_REPLICAS": True}


def test_without_replicas_none_is_read(tmp_path: Path) -> None:
    assert not values(["READ_FROM_REPLICAS"], OWN | {"READ_FROM_REPLICAS": "true"}, tmp_path)["READ_FROM_REPLICAS"]


def test_no_statement_is_echoed(tmp_path: Path) -> None:
    logging = values(["LOGGING"], OWN | {"LOG_LEVEL": "debug"}, tmp_path)["LOGGING"]
    assert logging["root"]["level"] == "DEBUG"
    assert logging["loggers"]["django.db.backends"]["level"] == "WARNING"


CODE = """
import json, os
os.environ["DJANGO_SETTINGS_MODULE"] = "foodshare.settings"
import django
django.setup()
from django.core.cache import caches
found = {}
for name in ("default", "requests"):
    pool = caches[name].client.get_client().connection_pool
    options = pool.connection_kwargs
    found[name] = [pool.max_connections, pool.timeout, options["socket_timeout"], options["socket_connect_timeout"],
                   options["retry"].get_retries()]
print(json.dumps(found))
"""


def test_djangos_cache_has_document_bs_settings_and_requests_wait_less(tmp_path: Path) -> None:
    """A pool of 20, 5 s and a retry; requests as many connections, CACHE_PATIENCE and no retry."""
    result = run(["-c", CODE], OWN | {"CACHE_PATIENCE_MS": "300"}, tmp_path)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == {"default": [20, 5, 5, 5, 1], "requests": [20, 0.3, 0.3, 0.3, 0]}


def test_the_caches_variables_are_read(tmp_path: Path) -> None:
    variables = {"CACHE_PREFIX": "site:", "CACHE_PATIENCE_MS": "100", "CACHE_PAUSE_MS": "500", "CACHE_LOCAL_MB": "1",
                 "CACHE_CHECKED_ONE_IN": "10", "REDIS_CLUSTER": "yes"}
    names = ["CACHE_PREFIX", "CACHE_PATIENCE", "CACHE_PAUSE", "CACHE_LOCAL_BYTES", "CACHE_CHECKED", "REDIS_CLUSTER"]
    assert list(values(names, OWN | variables, tmp_path).values()) == ["site:", 0.1, 0.5, 2**20, 10, True]


def test_a_cluster_has_one_database(tmp_path: Path) -> None:
    result = run(["manage.py", "check"], OWN | {"REDIS_CLUSTER": "true", "REDIS_URL": "redis://cache/1"}, tmp_path)
    assert (result.returncode, result.stderr) == (1, "error: REDIS_URL: a cluster has database 0 only\n")


def test_where_alerts_go_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read_settings(OWN | {"EMAIL_URL": "smtp+tls://us:p%40ss@mail.example:587", "EMAIL_FROM": "food@example.org",
                                 "ALERT_EMAILS": "ada@example.org, ben@example.org", "ALERT_REPEAT_HOURS": "2",
                                 "ALERT_WEBHOOK_URL": "https://chat.example/hook?key=1",
                                 "RUNBOOKS_URL": "https://example.org/books/"}, monkeypatch)
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_USE_TLS"]) == ("mail.example", 587, True)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("us", "p@ss")
    assert (found["DEFAULT_FROM_EMAIL"], found["ALERT_EMAILS"]) == (
        "food@example.org", ["ada@example.org", "ben@example.org"])
    assert (found["ALERT_REPEAT"].total_seconds(), found["RUNBOOKS_URL"]) == (7200, "https://example.org/books")


def test_nobody_is_told_of_alerts_unless_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read_settings(OWN, monkeypatch)
    assert (found["ALERT_EMAILS"], found["ALERT_WEBHOOK_URL"], found["EMAIL_HOST"]) == ([], "", "localhost")
