"""The file of whom the sandbox provider knows, and that production refuses it."""

import secrets
from pathlib import Path

import pytest

from giayto_crypto.keys import LocalSigner
from giayto_issuers.subjects import Subject
from giayto_wallet_api.identity.configuration import build_sandbox_provider, trusted_provider
from giayto_wallet_api.identity.sandbox_provider.population import read_population
from giayto_wallet_api.server_keys import ServerKeys, SigningIdentity
from giayto_wallet_api.settings import Mode, Settings, SettingsError

PERSON = '{"kind":"person","id":"001099000017","full_name":"Nguyễn Thị Hồng","birth_date":"1999-02-28"}\n'
ORGANISATION = '{"kind":"organisation","id":"0100109106","full_name":"Công ty Thử Nghiệm"}\n'


def keys() -> ServerKeys:
    def identity() -> SigningIdentity:
        return SigningIdentity(LocalSigner.generate(), ())

    return ServerKeys(
        bundle=identity(),
        trust_list=identity(),
        status_list=identity(),
        catalogue=identity(),
        access_token=LocalSigner.generate(),
        anchors=(),
        wrapping_key=secrets.token_bytes(32),
        derivation_key=secrets.token_bytes(32),
    )


def settings(folder: Path, mode: Mode, population: Path | None) -> Settings:
    return Settings(
        base_url="https://vi.example",
        database_url="sqlite+aiosqlite://",
        keys_folder=folder,
        mode=mode,
        population_file=population,
    )


@pytest.fixture
def population_file(tmp_path: Path) -> Path:
    path = tmp_path / "population.ndjson"
    path.write_text(PERSON + ORGANISATION, encoding="utf-8")
    return path


def test_people_and_organisations_are_found_by_their_number(population_file: Path) -> None:
    population = read_population(population_file)
    person, organisation = population.find("001099000017"), population.find("0100109106")
    assert person is not None
    assert organisation is not None
    assert (person.subject, person.birth_date) == (Subject("person", "001099000017"), "1999-02-28")
    assert (organisation.subject.kind, organisation.birth_date) == ("organisation", None)
    assert population.find("001099000018") is None
    assert len(population) == 2


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        '{"kind":"person","id":"001099000018","full_name":"A"}',
        '{"kind":"ghost","id":"001099000018","full_name":"A","birth_date":"1999-02-28"}',
        '{"kind":"person","id":"001099000018","full_name":"A","birth_date":"1999-02-28","more":1}',
    ],
)
def test_a_bad_line_is_named_and_not_repeated(population_file: Path, line: str) -> None:
    with population_file.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(ValueError, match="line 3") as refused:
        read_population(population_file)
    assert "001099000018" not in str(refused.value)


def test_production_refuses_to_start_with_a_population(tmp_path: Path, population_file: Path) -> None:
    with pytest.raises(SettingsError, match="GIAYTO_POPULATION_FILE"):
        build_sandbox_provider(settings(tmp_path, Mode.PRODUCTION, population_file), keys())


def test_production_has_no_sandbox_provider(tmp_path: Path) -> None:
    assert build_sandbox_provider(settings(tmp_path, Mode.PRODUCTION, None), keys()) is None
    assert trusted_provider(None) is None


def test_processes_with_the_same_keys_sign_alike(tmp_path: Path, population_file: Path) -> None:
    shared, sandbox = keys(), settings(tmp_path, Mode.SANDBOX, population_file)
    one, two = build_sandbox_provider(sandbox, shared), build_sandbox_provider(sandbox, shared)
    assert one is not None
    assert two is not None
    assert one.public_key == two.public_key
