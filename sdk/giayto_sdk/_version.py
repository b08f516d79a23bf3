"""The version of this distribution, read from where it was installed."""

from importlib.metadata import PackageNotFoundError, version


def _installed_version() -> str:
    try:
        return version("giayto-sdk")
    except PackageNotFoundError:
        # Running from the source tree of the workspace, which installs the members in place without metadata.
        return version("giayto-workspace")


VERSION = _installed_version()
