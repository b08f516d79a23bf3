"""Status indexes that are unique without a lock and tell nobody how many documents there are.

A counter goes up by one for every copy; what is published is the counter under a secret permutation of the list's
indexes. Two counters never give one index (it is a bijection), and without the key neither order nor number show
(Token Status List §13.2: indexes must not link copies).
"""

from hashlib import blake2s

DEFAULT_SIZE = 2**20
MIN_KEY_BYTES, MAX_KEY_BYTES = 16, 32
_ROUNDS = 10
_PURPOSE = b"giayto:1"  # separates this use of a key from any other; 8 bytes at most


class IndexPermutation:
    """A keyed permutation of 0 … size-1: a balanced Feistel network, with cycle walking where size is no power of 4.

    Constant time and memory: the network's domain is smaller than four times the size, so that a walk takes fewer than
    four steps on average.
    """

    __slots__ = ("_half_bits", "_key", "_mask", "size")

    def __init__(self, key: bytes, size: int = DEFAULT_SIZE) -> None:
        """Make the permutation of one status list.

        Args:
            key: 16 to 32 secret bytes, of this list alone.
            size: number of indexes, at least 1.

        Raises:
            ValueError: key or size out of range.
        """
        if not MIN_KEY_BYTES <= len(key) <= MAX_KEY_BYTES:
            raise ValueError(f"index permutation: a key of {MIN_KEY_BYTES} to {MAX_KEY_BYTES} bytes is expected")
        if size < 1:
            raise ValueError("index permutation: the size must be at least 1")
        self.size = size
        self._key = key
        self._half_bits = max(1, ((size - 1).bit_length() + 1) // 2)
        self._mask = (1 << self._half_bits) - 1

    def index(self, counter: int) -> int:
        """Return the index of a counter.

        Args:
            counter: 0 … size-1; every one gives another index.

        Raises:
            ValueError: the counter is out of range: the list is full.
        """
        if not 0 <= counter < self.size:
            raise ValueError(f"index permutation: the counter must be in 0 … {self.size - 1}")
        value = self._permute(counter)
        # Walks along the cycle, which comes back into the range at the latest at `counter` itself.
        while value >= self.size:
            value = self._permute(value)
        return value

    def _permute(self, value: int) -> int:
        left, right = value >> self._half_bits, value & self._mask
        for round_number in range(_ROUNDS):
            left, right = right, left ^ self._round(round_number, right)
        return left << self._half_bits | right

    def _round(self, number: int, half: int) -> int:
        block = number.to_bytes(1) + half.to_bytes(8)
        return int.from_bytes(blake2s(block, digest_size=8, key=self._key, person=_PURPOSE).digest()) & self._mask

    def __repr__(self) -> str:
        return f"IndexPermutation(key=…, size={self.size})"
