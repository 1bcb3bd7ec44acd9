"""What the README tells a newcomer to type works as written."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from foodshare.models import Exchange
from ops.children import wait_until_answering
from ops.servers.state import free_ports
from tests.web.tools import ROOT, running

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs Debian's package curl")
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.slow
def test_the_walk_by_curl(tmp_path: Path) -> None:
    [lines] = re.findall(r"^```bash\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    [port] = free_ports(1)
    base = f"http://127.0.0.1:{port}"
    arguments = ("serve", "--port", str(port), "--workers", "1")
    with running(*arguments, log=tmp_path / "log", DJANGO_SETTINGS_MODULE="foodshare.settings") as server:
        wait_until_answering(f"{base}/healthz", server)
        result = subprocess.run(["bash", "-euo", "pipefail", "-c", lines], env={"BASE": base, "PATH": "/usr/bin:/bin"},
                                capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert Exchange.objects.get().status == "completed"
    assert Exchange.objects.get().ratings.count() == 2


def test_the_given_tables_are_those_of_the_migrations() -> None:
    [published] = re.findall(r"^```sql\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    for table in ("users", "food_posts", "exchanges", "ratings"):
        text = (ROOT / "foodshare" / "sql" / f"{table}.sql").read_text(encoding="utf-8")
        assert re.sub(r"^--.*\n", "", text).strip() in published
