"""What the README and the documents link to, and the pictures that they show, are there."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.web.tools import ROOT

LINK = re.compile(r"\]\(<?([^)>\s]+)>?(?:\s+\"[^\"]*\")?\)|\b(?:src|href|srcset)=\"([^\"\s]+)\"")
OUTSIDE = re.compile(r"[a-z][a-z+.-]*:|//|#", re.IGNORECASE)
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def missing(document: Path) -> list[str]:
    """The relative addresses of a document that name no file."""
    links = [one or other for one, other in LINK.findall(CODE.sub("", document.read_text(encoding="utf-8")))]
    return [link for link in links if not OUTSIDE.match(link)
            and not (document.parent / unquote(link.partition("#")[0])).exists()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_pictures_exist(document: Path) -> None:
    assert missing(document) == []


def test_missing_ones_are_seen(tmp_path: Path) -> None:
    (tmp_path / "there.md").touch()
    document = tmp_path / "a.md"
    document.write_text('[a](there.md#part) [b](gone.md) ![c](gone.png "words") <img src="gone.svg"> '
                        '[d](https://example.org) [e](#part) `[f](code.md)`\n```\n[g](code.md)\n```\n')
    assert missing(document) == ["gone.md", "gone.png", "gone.svg"]
