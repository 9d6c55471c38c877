"""Put `resources/` into the wheel as `labmon/_resources`; an editable install reads the checkout's own folder."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ResourcesHook(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        resources = Path(self.root) / "resources"
        build_data["force_include"][str(resources)] = "labmon/_resources"
