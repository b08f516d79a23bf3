"""For any key and size, the index permutation is one."""

from hypothesis import given
from hypothesis import strategies as st

from giayto_issuers import IndexPermutation

keys = st.binary(min_size=16, max_size=32)


@given(keys, st.integers(1, 400))
def test_it_is_a_bijection(key: bytes, size: int) -> None:
    permutation = IndexPermutation(key, size)
    assert {permutation.index(counter) for counter in range(size)} == set(range(size))


@given(keys, st.integers(1, 2**32), st.data())
def test_indexes_stay_in_range_and_differ(key: bytes, size: int, data: st.DataObject) -> None:
    counters = data.draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=8, unique=True))
    permutation = IndexPermutation(key, size)
    indexes = [permutation.index(counter) for counter in counters]
    assert all(0 <= index < size for index in indexes)
    assert len(set(indexes)) == len(counters)
    assert indexes == [IndexPermutation(key, size).index(counter) for counter in counters]


@given(keys, keys)
def test_the_key_decides(one: bytes, other: bytes) -> None:
    orders = [[IndexPermutation(key).index(counter) for counter in range(16)] for key in (one, other)]
    assert (orders[0] == orders[1]) == (one == other)
