"""The index permutation: a bijection, decided by its key, within its range."""

from itertools import pairwise

import pytest

from giayto_issuers import IndexPermutation

KEY = bytes(range(32))
PINNED = [278986, 117143, 723412, 299856]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 15, 16, 17, 63, 64, 65, 100, 255, 256, 257, 1000, 1024, 4099])
def test_every_index_is_given_exactly_once(size: int) -> None:
    permutation = IndexPermutation(KEY, size)
    assert sorted(permutation.index(counter) for counter in range(size)) == list(range(size))


def test_one_key_gives_one_order() -> None:
    """Pinned: the order of a list in use must not change with a new release."""
    assert [IndexPermutation(KEY).index(counter) for counter in range(4)] == PINNED


def test_another_key_gives_another_order() -> None:
    order = [IndexPermutation(KEY, 1000).index(counter) for counter in range(1000)]
    other = [IndexPermutation(bytes(32), 1000).index(counter) for counter in range(1000)]
    assert sum(one == two for one, two in zip(order, other, strict=True)) < 20


def test_neighbours_do_not_stay_neighbours() -> None:
    permutation = IndexPermutation(KEY)
    indexes = [permutation.index(counter) for counter in range(4000)]
    assert sum(abs(one - two) < 100 for one, two in pairwise(indexes)) < 20
    # spread over the whole list: about 250 in each of 16 parts
    parts = [sum(index >> 16 == part for index in indexes) for part in range(16)]
    assert min(parts) > 170
    assert max(parts) < 330


@pytest.mark.parametrize("counter", [-1, 1000, 10**9])
def test_a_full_list_gives_no_index(counter: int) -> None:
    with pytest.raises(ValueError, match="counter"):
        IndexPermutation(KEY, 1000).index(counter)


@pytest.mark.parametrize("key", [b"", b"short", bytes(15), bytes(33)])
def test_keys_have_128_to_256_bits(key: bytes) -> None:
    with pytest.raises(ValueError, match="16 to 32 bytes"):
        IndexPermutation(key)


@pytest.mark.parametrize("size", [0, -1])
def test_a_list_has_indexes(size: int) -> None:
    with pytest.raises(ValueError, match="size"):
        IndexPermutation(KEY, size)


def test_the_key_is_not_shown() -> None:
    assert repr(IndexPermutation(KEY, 5)) == "IndexPermutation(key=…, size=5)"
