"""
What MkDocs does beside turning docs/ into pages: `make site` runs it.

Protocols and public names get their pages from the package; files outside docs/ that pages link to
are copied beside them.
"""

from __future__ import annotations

import posixpath
import re
import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

sys.path.insert(0, str(Path(__file__).parent))
import pages
from protocol_sched import catalog

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = ("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE")
LINK = re.compile(r"(\]\()((?:\.\./)+[^)#\s]+)")
NAMES = re.compile(r"<!-- names: (.*?) -->")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made, and the files that pages link to."""
    made = {"protocols/index.md": pages.protocol_list()}
    for name in catalog.names():
        made[f"protocols/{name}.md"] = pages.protocol_page(name)
        made[f"protocols/{name}.svg"] = pages.protocol_picture(name)
        made[f"protocols/{name}.toml"] = catalog.text(name)
    for path in sorted((ROOT / "examples").iterdir()):
        if path.is_file():
            made[f"examples/{path.name}"] = path.read_text("utf-8")
    made |= {name: (ROOT / name).read_text("utf-8") for name in OUTSIDE}
    for uri, content in made.items():
        files.append(File.generated(config, uri, content=content))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point links that leave docs/ at the copies, and say what each public name is."""
    here = posixpath.dirname(page.file.src_uri)

    def inside(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(here, match[2]))
        if not target.startswith("../"):
            return match[0]
        return match[1] + posixpath.relpath(target.removeprefix("../"), here or ".")

    def told(match: re.Match[str]) -> str:
        return "\n\n".join(pages.documented(name) for name in match[1].split())

    if page.file.src_uri in OUTSIDE:  # these link to docs/ from beside it
        markdown = markdown.replace("](docs/", "](")
    return NAMES.sub(told, LINK.sub(inside, markdown))
