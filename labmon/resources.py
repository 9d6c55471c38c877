"""Where resources/ lives: beside the packages in a checkout, inside the package in a wheel."""

from pathlib import Path

_IN_WHEEL = Path(__file__).with_name("_resources")
_IN_CHECKOUT = Path(__file__).resolve().parent.parent / "resources"


def resource_path(*parts: str) -> Path:
    """The path of a shipped file or folder, as `resource_path("protocols", "nct06389305.toml")`; it need not exist."""
    root = _IN_WHEEL if _IN_WHEEL.is_dir() else _IN_CHECKOUT
    return root.joinpath(*parts)


def read_text(*parts: str) -> str:
    """The text of a shipped UTF-8 file; FileNotFoundError names the path that is missing."""
    return resource_path(*parts).read_text(encoding="utf-8")
