"""The agencies."""

from urllib.parse import urlsplit

import pytest

from giayto_wallet_api.sandbox.agencies import AGENCIES, ALL_AGENCIES, HOSPITAL, agency


def test_each_agency_is_known_by_identifiers_of_its_own() -> None:
    for attribute in ("agency_id", "iss", "client_id", "vct"):
        assert len({getattr(one, attribute) for one in ALL_AGENCIES}) == len(ALL_AGENCIES) == 4
    assert HOSPITAL not in AGENCIES


def test_issuer_urls_are_https_under_a_name_nobody_can_own() -> None:
    for one in ALL_AGENCIES:
        url = urlsplit(one.iss)
        assert url.scheme == "https"
        assert url.hostname is not None
        assert url.hostname.endswith(".example")
        assert not one.iss.endswith("/")


def test_names_say_that_they_are_of_the_sandbox() -> None:
    assert all("thử nghiệm" in one.names.vi and "sandbox" in one.names.en for one in ALL_AGENCIES)


def test_agencies_are_found_by_their_identifier() -> None:
    assert agency("G01").client_id == "G01:criminal-records"
    with pytest.raises(KeyError):
        agency("G99")
