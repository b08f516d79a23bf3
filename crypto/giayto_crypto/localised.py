"""Text that people read, always in both languages."""

import msgspec


class Localised(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text in Vietnamese and in English."""

    vi: str
    en: str
