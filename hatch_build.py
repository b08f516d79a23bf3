"""Build hook of the root distribution: its dependencies and commands are those of its members.

`pip install --no-deps --no-build-isolation -e .` at the root puts the five member folders on the import
path (`dev-mode-dirs` in pyproject.toml); this hook adds what each member declares in its own pyproject.toml,
so that nothing is written down twice.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

MEMBERS = ("crypto", "issuers", "verifiers", "sdk", "wallet_api")


class WorkspaceMetadataHook(MetadataHookInterface):
    """Collects the members' third-party dependencies and their command-line entry points."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Fill the two fields that the root pyproject.toml declares as dynamic."""
        projects = list(self._member_projects())
        metadata["dependencies"] = sorted(
            {
                requirement
                for project in projects
                for requirement in project.get("dependencies", [])
                if not requirement.startswith("giayto-")
            }
        )
        metadata["scripts"] = {
            command: target for project in projects for command, target in project.get("scripts", {}).items()
        }

    def _member_projects(self) -> Iterator[dict[str, Any]]:
        for member in MEMBERS:
            text = Path(self.root, member, "pyproject.toml").read_text(encoding="utf-8")
            yield tomllib.loads(text)["project"]
