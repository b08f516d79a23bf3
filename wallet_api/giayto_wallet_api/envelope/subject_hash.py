"""Finding a wallet by personal number or tax code without storing either in clear.

A plain hash of a 12-digit number is undone by trying all numbers; a keyed one is not, as long as the key
stays out of the database.
"""

from hmac import digest

from giayto_issuers.subjects import Subject

KEY_BYTES = 32


class SubjectHasher:
    """Keyed look-up of subjects: HMAC-SHA-256 over kind and identifier."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        """Take the look-up key.

        Raises:
            ValueError: the key does not have 32 bytes.
        """
        if len(key) != KEY_BYTES:
            raise ValueError(f"subject look-up: a key of {KEY_BYTES} bytes is needed")
        self._key = key

    def hash(self, subject: Subject) -> bytes:
        """Return the 32-byte look-up value of a subject."""
        # The kinds hold no NUL, so kind and identifier cannot run into each other.
        return digest(self._key, f"{subject.kind}\0{subject.id}".encode(), "sha256")
