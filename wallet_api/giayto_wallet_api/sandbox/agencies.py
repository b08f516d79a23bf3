"""The agencies of the sandbox: what they are called, how they are known, what they may issue."""

from dataclasses import dataclass

from giayto_crypto.localised import Localised
from giayto_wallet_api.agencies.registration import client_id_of


@dataclass(frozen=True, slots=True)
class SandboxAgency:
    """An agency that issues documents.

    `iss` is the https URL that its credentials carry, under a name that nobody can own (RFC 2606);
    `client_name` names its system among the agency's; `records_file` is what that system exports, rows of the
    one document type that this agency issues.
    """

    agency_id: str
    names: Localised
    iss: str
    client_name: str
    type_code: str
    records_file: str

    @property
    def client_id(self) -> str:
        """Names the agency's system at the token endpoint."""
        return client_id_of(self.agency_id, self.client_name)

    @property
    def vct(self) -> str:
        """The document type it may issue."""
        return f"urn:giayto:type:{self.type_code}:1"


AGENCIES = (
    SandboxAgency(
        agency_id="G18",
        names=Localised(vi="Bộ Y tế (thử nghiệm)", en="Ministry of Health (sandbox)"),
        iss="https://g18.giayto.example",
        client_name="health-records",
        type_code="health-book",
        records_file="records.ndjson",
    ),
    SandboxAgency(
        agency_id="G01",
        names=Localised(vi="Bộ Công an (thử nghiệm)", en="Ministry of Public Security (sandbox)"),
        iss="https://g01.giayto.example",
        client_name="criminal-records",
        type_code="criminal-record-1",
        records_file="records.csv",
    ),
    SandboxAgency(
        agency_id="H15.50.05.13",
        names=Localised(
            vi="Trung tâm Phục vụ hành chính công phường Buôn Ma Thuột (thử nghiệm)",
            en="One-stop centre of Buôn Ma Thuột ward (sandbox)",
        ),
        iss="https://h15-50-05-13.giayto.example",
        client_name="one-stop",
        type_code="procedure-result",
        records_file="records.csv",
    ),
)
"""Those that sign themselves, in the order in which they push."""

HOSPITAL = SandboxAgency(
    agency_id="H15.09.01",
    names=Localised(
        vi="Bệnh viện Đa khoa tỉnh Đắk Lắk (thử nghiệm)", en="General Hospital of Đắk Lắk province (sandbox)"
    ),
    iss="https://h15-09-01.giayto.example",
    client_name="hospital-records",
    type_code="referral",
    records_file="records.csv",
)
"""Has no signing key of its own: it deposits its records, and the operator signs for it."""

ALL_AGENCIES = (*AGENCIES, HOSPITAL)


def agency(agency_id: str) -> SandboxAgency:
    """Return the agency of that identifier; KeyError when the sandbox has no such one."""
    for candidate in ALL_AGENCIES:
        if candidate.agency_id == agency_id:
            return candidate
    raise KeyError(agency_id)
