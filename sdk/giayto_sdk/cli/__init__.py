"""The `giayto` command."""

from giayto_sdk.cli.app import main

__all__ = ["main"]
