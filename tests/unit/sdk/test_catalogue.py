"""`Catalogue` and `giayto catalogue`: a verified edition answers, an older one never takes the place of a newer."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import httpx2
import pytest

from catalogue_editions import ISSUED, both, edition, entry, procedure, purposes
from giayto_crypto.catalogue_edition import sign_edition
from giayto_crypto.certificates import BUNDLE, CATALOGUE
from giayto_sdk import Catalogue, errors
from giayto_sdk.cli.app import run
from giayto_verifiers.paper_rule import may_ask
from trust_scheme.pki import Authority

ROOT = Authority.root()
PUBLISHER = ROOT.certify(CATALOGUE)
NOVEMBER = edition(entry("referral"), month="2026-11")
DECEMBER = edition(
    entry("referral", titles=both("renamed"), procedures=(procedure("1.000894", "no"),)),
    entry("criminal-record-1", demand="for_purposes", purposes=purposes("Y_TE")),
)


def signed(what, by=PUBLISHER) -> bytes:
    return sign_edition(what, signer=by.signer, x5c=by.x5c).encode()


class Server:
    """Serves whatever edition it holds, by ETag."""

    def __init__(self, token: bytes) -> None:
        self.token = token
        self.asked: list[tuple[str, str | None]] = []

    @property
    def transport(self) -> httpx2.MockTransport:
        return httpx2.MockTransport(self.answer)

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        etag = f'"{hash(self.token)}"'
        known = request.headers.get("if-none-match")
        self.asked.append((request.url.path, known))
        if known == etag:
            return httpx2.Response(304)
        return httpx2.Response(200, content=self.token, headers={"ETag": etag})


def opened(source, **arguments) -> Catalogue:
    return Catalogue(source, anchor=ROOT.pem, clock=lambda: ISSUED, **arguments)


def fetched(server: Server, source=None) -> Catalogue:
    return opened(source, refresh_from="https://vi.example", transport=server.transport)


def test_the_answer_is_that_of_the_one_rule() -> None:
    catalogue = opened(signed(DECEMBER))
    answer = catalogue.may_ask("referral", "1.000894", on=date(2026, 12, 5))
    assert answer == may_ask(DECEMBER, "referral", procedure="1.000894", on=date(2026, 12, 5))
    assert (answer.may_ask, answer.reason, answer.edition) == (False, "dropped_from_procedure", "2026-12")
    assert catalogue.may_ask("criminal-record-1", purpose="THUE_NHA").reason == "purpose_not_allowed"


def test_today_is_a_day_of_vietnam() -> None:
    late = datetime(2026, 12, 31, 17, 30, tzinfo=UTC)
    catalogue = Catalogue(signed(DECEMBER), anchor=ROOT.pem, clock=lambda: late)
    assert catalogue.may_ask("referral").on == date(2027, 1, 1)


def test_what_is_not_authentic_is_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.GiaytoError, match="certificate"):
        opened(signed(DECEMBER, ROOT.certify(BUNDLE)))
    with pytest.raises(errors.GiaytoError, match="certificate"):
        Catalogue(signed(DECEMBER), anchor=Authority.root("Other").pem)
    with pytest.raises(errors.MalformedError):
        opened(b"not a token")
    with pytest.raises(errors.ConfigurationError):
        opened(tmp_path / "missing.jwt")
    with pytest.raises(errors.ConfigurationError):
        opened(None)


def test_unknown_documents_and_procedures_are_errors() -> None:
    catalogue = opened(signed(DECEMBER))
    with pytest.raises(errors.DocumentNotCataloguedError):
        catalogue.may_ask("refferal")
    with pytest.raises(errors.ProcedureCodeError):
        catalogue.may_ask("referral", "marriage")


def test_a_newer_edition_is_fetched_by_tag_and_kept(tmp_path: Path) -> None:
    server, file = Server(signed(NOVEMBER)), tmp_path / "catalogue.jwt"
    catalogue = fetched(server, file)
    assert catalogue.edition.edition_id == "2026-11"
    assert catalogue.refresh() is False
    server.token = signed(DECEMBER)
    assert catalogue.refresh() is True
    assert catalogue.edition.edition_id == "2026-12"
    assert file.read_bytes() == server.token
    assert {path for path, _ in server.asked} == {"/public/v1/catalogue/editions/latest/token"}
    assert [known is None for _, known in server.asked] == [True, False, False]
    assert opened(file).edition == DECEMBER


def test_an_older_edition_does_not_come_back(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.jwt"
    file.write_bytes(signed(DECEMBER))
    catalogue = fetched(Server(signed(NOVEMBER)), file)
    with pytest.raises(errors.EditionRolledBackError):
        catalogue.refresh()
    assert catalogue.edition.edition_id == "2026-12"
    assert opened(file).edition.edition_id == "2026-12"


def test_a_forged_edition_is_not_kept(tmp_path: Path) -> None:
    server, file = Server(signed(NOVEMBER)), tmp_path / "catalogue.jwt"
    catalogue = fetched(server, file)
    server.token = signed(DECEMBER, ROOT.certify(BUNDLE))
    with pytest.raises(errors.GiaytoError):
        catalogue.refresh()
    assert opened(file).edition.edition_id == "2026-11"
    server.token = signed(DECEMBER)
    assert catalogue.refresh() is True


def test_changes_are_told_between_two() -> None:
    changes = opened(signed(DECEMBER)).changes_since(opened(signed(NOVEMBER)))
    assert [each.code for each in changes.added] == ["criminal-record-1"]
    assert [field.field for field in changes.changed[0].fields] == ["titles", "procedures"]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "november.jwt").write_bytes(signed(NOVEMBER))
    (tmp_path / "december.jwt").write_bytes(signed(DECEMBER))
    (tmp_path / "forged.jwt").write_bytes(signed(DECEMBER, ROOT.certify(BUNDLE)))
    (tmp_path / "root.pem").write_bytes(ROOT.pem)
    names = ("november.jwt", "december.jwt", "forged.jwt", "root.pem")
    return {name.partition(".")[0]: str(tmp_path / name) for name in names}


def called(capsys, *arguments: str):
    code = run(["catalogue", *arguments])
    return code, capsys.readouterr()


def test_the_command_shows_and_verifies(files, capsys) -> None:
    code, said = called(capsys, "show", files["december"], "--anchor", files["root"])
    assert (code, "urn:giayto:type:referral:1" in said.out) == (0, True)
    code, said = called(capsys, "show", files["december"], "--anchor", files["root"], "--json")
    assert json.loads(said.out)["edition_id"] == "2026-12"
    code, said = called(capsys, "verify", files["december"], "--anchor", files["root"], "--json")
    assert (code, json.loads(said.out)["authentic"]) == (0, True)
    code, said = called(capsys, "verify", files["forged"], "--anchor", files["root"], "--json")
    assert (code, json.loads(said.out)) == (1, {"authentic": False, "code": "certificate_untrusted"})
    code, said = called(capsys, "verify", files["december"] + "x", "--anchor", files["root"])
    assert (code, said.out) == (64, "")


def test_the_command_compares(files, capsys) -> None:
    arguments = ("diff", files["november"], files["december"], "--anchor", files["root"])
    code, said = called(capsys, *arguments)
    assert (code, "+ urn:giayto:type:criminal-record-1:1" in said.out) == (0, True)
    code, said = called(capsys, *arguments, "--json")
    assert [each["vct"] for each in json.loads(said.out)["changed"]] == ["urn:giayto:type:referral:1"]
    code, said = called(capsys, "diff", files["december"], files["december"], "--anchor", files["root"])
    assert "Both editions say the same" in said.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("referral",), 1),
        (("referral", "--date", "2026-01-01"), 0),
        (("referral", "--procedure", "1.000894"), 1),
        (("referral", "--procedure", "x"), 64),
        (("referral", "--date", "tomorrow"), 64),
        (("nothing",), 64),
    ],
)
def test_the_command_answers_by_its_exit_code(files, capsys, arguments, code) -> None:
    trust = ("--catalogue", files["december"], "--anchor", files["root"])
    ended, said = called(capsys, "may-ask", *arguments, *trust, "--json")
    assert ended == code
    if code != 64:
        assert json.loads(said.out)["may_ask"] is (code == 0)
        _, told = called(capsys, "may-ask", *arguments, *trust)
        assert "2026-12" in told.out


def test_publishing_ends_as_the_operators_command_does(monkeypatch, capfd) -> None:
    monkeypatch.delenv("GIAYTO_BASE_URL", raising=False)
    assert run(["catalogue", "publish", "--month", "2026-12", "--json"]) == 64
    assert "GIAYTO_BASE_URL is not set" in capfd.readouterr().err
