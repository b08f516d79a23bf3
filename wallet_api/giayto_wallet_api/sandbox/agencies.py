"""The three agencies of the sandbox: what they are called, how they are known, what they may issue."""

from dataclasses import dataclass

from giayto_crypto.localised import Localised

HEALTH_BOOK = "urn:giayto:type:health-book:1"
CRIMINAL_RECORD_1 = "urn:giayto:type:criminal-record-1:1"
PROCEDURE_RESULT = "urn:giayto:type:procedure-result:1"


@dataclass(frozen=True, slots=True)
class SandboxAgency:
    """An agency that issues documents.

    `iss` is the https URL that its credentials carry, under a name that nobody can own (RFC 2606); `client_id`
    names its system at the token endpoint; `vcts` are the document types it may issue.
    """

    agency_id: str
    names: Localised
    iss: str
    client_id: str
    vcts: tuple[str, ...]


AGENCIES = (
    SandboxAgency(
        agency_id="G18",
        names=Localised(vi="Bộ Y tế (thử nghiệm)", en="Ministry of Health (sandbox)"),
        iss="https://g18.giayto.example",
        client_id="g18-health-records",
        vcts=(HEALTH_BOOK,),
    ),
    SandboxAgency(
        agency_id="G01",
        names=Localised(vi="Bộ Công an (thử nghiệm)", en="Ministry of Public Security (sandbox)"),
        iss="https://g01.giayto.example",
        client_id="g01-criminal-records",
        vcts=(CRIMINAL_RECORD_1,),
    ),
    SandboxAgency(
        agency_id="H15.50.05.13",
        names=Localised(
            vi="Trung tâm Phục vụ hành chính công phường Buôn Ma Thuột (thử nghiệm)",
            en="One-stop centre of Buôn Ma Thuột ward (sandbox)",
        ),
        iss="https://h15-50-05-13.giayto.example",
        client_id="h15-50-05-13-one-stop",
        vcts=(PROCEDURE_RESULT,),
    ),
)
"""In the order in which they push."""


def agency(agency_id: str) -> SandboxAgency:
    """Return the agency of that identifier; KeyError when the sandbox has no such one."""
    for candidate in AGENCIES:
        if candidate.agency_id == agency_id:
            return candidate
    raise KeyError(agency_id)
