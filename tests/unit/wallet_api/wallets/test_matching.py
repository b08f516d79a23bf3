"""When an agency's record agrees with the holder, and when it does not."""

import pytest

from giayto_issuers.subjects import Subject
from giayto_wallet_api.envelope.encryption import WalletKey
from giayto_wallet_api.identity.citizen_identity import CitizenIdentity
from giayto_wallet_api.wallets.service import Wallet, matches

HOLDER = CitizenIdentity(Subject("person", "001099000017"), "Nguyễn Thị Hồng", "1999-02-28")
WALLET = Wallet("wal_1", HOLDER, 1, WalletKey(bytes(32)))


@pytest.mark.parametrize(
    "spelling",
    [
        "Nguyễn Thị Hồng",
        "NGUYỄN THỊ HỒNG",
        "  nguyễn   thị  hồng ",
        "Nguyê\u0303n Thi\u0323 Hô\u0300ng",  # decomposed
        "Nguyễn\u00a0Thị Hồng",  # a no-break space
    ],
)
def test_spellings_of_one_name_agree(spelling: str) -> None:
    assert matches(WALLET, spelling, "1999-02-28") == []


@pytest.mark.parametrize("other", ["Nguyen Thi Hong", "Nguyễn Thị Hông", "NguyễnThị Hồng", "Nguyễn Hồng", ""])
def test_other_names_do_not_agree(other: str) -> None:
    assert matches(WALLET, other, "1999-02-28") == ["full_name"]


def test_words_are_not_joined() -> None:
    holder = CitizenIdentity(Subject("person", "001099000018"), "Lê Na", "1999-02-28")
    assert matches(Wallet("wal_2", holder, 1, WalletKey(bytes(32))), "Lên A", "1999-02-28") == ["full_name"]


def test_the_birth_date_is_compared_when_it_is_stated() -> None:
    assert matches(WALLET, "Nguyễn Thị Hồng", "1999-02-27") == ["birth_date"]
    assert matches(WALLET, "Nguyễn Thị Hồng", None) == []
    assert matches(WALLET, "Trần Văn An", "1999-02-27") == ["full_name", "birth_date"]


def test_the_repr_of_a_wallet_shows_nobody() -> None:
    assert "Hồng" not in repr(WALLET)
    assert "001099000017" not in repr(WALLET)
    assert "1999" not in repr(WALLET)
