"""The three agencies."""

from urllib.parse import urlsplit

import pytest

from giayto_wallet_api.sandbox.agencies import AGENCIES, agency


def test_each_agency_is_known_by_identifiers_of_its_own() -> None:
    for attribute in ("agency_id", "iss", "client_id", "vct"):
        assert len({getattr(one, attribute) for one in AGENCIES}) == len(AGENCIES) == 3


def test_issuer_urls_are_https_under_a_name_nobody_can_own() -> None:
    for one in AGENCIES:
        url = urlsplit(one.iss)
        assert url.scheme == "https"
        assert url.hostname is not None
        assert url.hostname.endswith(".example")
        assert not one.iss.endswith("/")


def test_names_say_that_they_are_of_the_sandbox() -> None:
    assert all("thử nghiệm" in one.names.vi and "sandbox" in one.names.en for one in AGENCIES)


def test_agencies_are_found_by_their_identifier() -> None:
    assert agency("G01").client_id == "G01:criminal-records"
    with pytest.raises(KeyError):
        agency("G99")
