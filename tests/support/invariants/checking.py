"""The invariants I1 to I6 and I8 to I10, one function each. (I7, a one-time code works once, is a race of its own.)"""

import asyncio
import json
import zlib
from base64 import urlsafe_b64decode
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

from invariants.contents import Contents, Record, read_contents
from invariants.evidence import Evidence, Violation

READY_SECONDS = 10.0
REVOKED = 1
_STORED, _REVOKED_ACTION = "document.stored", "document.revoked"


def check(evidence: Evidence) -> list[Violation]:
    """Return everything that does not hold; empty when all does."""
    contents = asyncio.run(read_contents(evidence.database_url, evidence.keys_folder))
    return [
        Violation(function.__name__.partition("_")[0].upper(), what)
        for function in INVARIANTS
        for what in function(contents, evidence)
    ]


def i1_what_was_acknowledged_is_there(contents: Contents, evidence: Evidence) -> Iterator[str]:
    """It is durable, the citizen has it, and there is a copy to show."""
    documents = {(row["agency_id"], row["row_key"]): row for row in contents.versions}
    delivered = {(row["wallet_id"], row["document_id"], row["version"]) for row in contents.documents}
    copies = {(copy.wallet_id, copy.document_id, copy.version) for copy in contents.copies}
    for key, document_id in evidence.stored.items():
        row = documents.get(key)
        if row is None or row["document_id"] != document_id:
            yield f"row {key[1]} of {key[0]} was acknowledged and is not stored"
            continue
        version = (row["wallet_id"], row["document_id"], row["version"])
        if version not in delivered or version not in copies:
            yield f"row {key[1]} of {key[0]} is stored and was not delivered"


def i2_one_version_a_row(contents: Contents, evidence: Evidence) -> Iterator[str]:
    """A row key stands for one version of one document, and a version for one row."""
    rows = Counter((row["agency_id"], row["row_key"]) for row in contents.versions)
    versions = Counter((row["agency_id"], row["document_id"], row["version"]) for row in contents.versions)
    yield from (f"{times} versions for the row {key}" for key, times in rows.items() if times > 1)
    yield from (f"{times} rows for the version {key}" for key, times in versions.items() if times > 1)
    numbers = defaultdict(list)
    for row in contents.versions:
        numbers[row["document_id"]].append(row["version"])
    for document_id, found in numbers.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            yield f"{document_id}: its versions are numbered {sorted(found)}"


def i3_an_index_is_used_once(contents: Contents, evidence: Evidence) -> Iterator[str]:
    """Each credential has exactly one index, which was reserved for its agency, and no other credential has it."""
    places = Counter(copy.place for copy in contents.copies)
    yield from (f"{times} credentials at {place}" for place, times in places.items() if times > 1)
    reserved = {(row["list_id"], row["idx"]): row["agency_id"] for row in contents.reservations}
    entries = {(row["list_id"], row["idx"]): row for row in contents.entries}
    yield from (
        f"the index {place} is used by {entry['agency_id']} and was not reserved for it"
        for place, entry in entries.items()
        if reserved.get(place) != entry["agency_id"]
    )
    for copy in contents.copies:
        entry = entries.get((copy.uri.rpartition("/")[2], copy.idx))
        if entry is None:
            yield f"a copy of {copy.document_id} has no status entry"
        elif (entry["document_id"], entry["version"]) != (copy.document_id, copy.version):
            yield f"the index of a copy of {copy.document_id} is entered for {entry['document_id']}"


def i4_a_revocation_stays(contents: Contents, evidence: Evidence) -> Iterator[str]:
    """In the database for every copy, and in what a verifier gets."""
    entries = defaultdict(list)
    for row in contents.entries:
        entries[row["document_id"]].append(row)
    revoked = {row["document_id"] for row in contents.versions if row["state"] == "revoked"}
    for document_id in revoked.union(evidence.revoked):
        if document_id not in revoked:
            yield f"{document_id} was revoked and is not any more"
        if not entries[document_id] or any(entry["value"] != REVOKED for entry in entries[document_id]):
            yield f"{document_id} is revoked, and a copy of it is not"
    for uri, token in evidence.published.items():
        yield from _missing_from(uri, token, contents.entries)


def i5_each_change_has_one_entry(contents: Contents, evidence: Evidence) -> Iterator[str]:
    """The chain is whole, and the log tells of every stored version and every revocation exactly once."""
    yield from _breaks_of_the_chain(contents.audit)
    told = Counter(
        (entry["target"], json.loads(entry["facts"]).get("version"))
        for entry in contents.audit
        if entry["action"] == _STORED
    )
    made = Counter((row["document_id"], row["version"]) for row in contents.versions)
    yield from (f"{told[key]} audit entries for the version {key}" for key in told | made if told[key] != made[key])
    withdrawn = Counter(entry["target"] for entry in contents.audit if entry["action"] == _REVOKED_ACTION)
    for row in contents.versions:
        if row["state"] == "revoked" and withdrawn[row["document_id"]] != 1:
            yield f"{withdrawn[row['document_id']]} audit entries for the revocation of {row['document_id']}"


def i6_nobody_holds_a_foreign_credential(contents: Contents, evidence: Evidence) -> Iterator[str]:
    """A copy is bound to the key it lies under, the key belongs to the wallet, and the wallet to the document."""
    owners = {row["key_thumbprint"]: row["wallet_id"] for row in contents.owners}
    holders = {(row["document_id"], row["version"]): row["wallet_id"] for row in contents.versions}
    for copy in contents.copies:
        if copy.bound_to != copy.key_thumbprint:
            yield f"a copy of {copy.document_id} lies under a key that it is not bound to"
        if owners.get(copy.key_thumbprint) != copy.wallet_id:
            yield f"a copy of {copy.document_id} is bound to a key of another wallet"
        if holders.get((copy.document_id, copy.version), copy.wallet_id) != copy.wallet_id:
            yield f"a copy of {copy.document_id} lies in another wallet than its document"


def i8_nothing_personal_in_logs(contents: Contents, evidence: Evidence) -> Iterator[str]:
    """No log holds one of the secrets."""
    for log in evidence.logs:
        written = log.read_text(encoding="utf-8", errors="replace")
        found = sum(secret in written for secret in evidence.secrets)
        if found:
            yield f"{log.name} holds {found} secrets"


def i9_ready_soon(contents: Contents, evidence: Evidence) -> Iterator[str]:
    """The server answers soon after a restart."""
    if evidence.ready_after is not None and evidence.ready_after > READY_SECONDS:
        yield f"the server was ready {evidence.ready_after:.1f} s after its restart"


def i10_nothing_signed_without_intent(contents: Contents, evidence: Evidence) -> Iterator[str]:
    """Every index of a stored credential was written down before it was signed."""
    if evidence.intended is not None:
        intended = set(evidence.intended)
        yield from (f"signed without an intent: {copy.place}" for copy in contents.copies if copy.place not in intended)


INVARIANTS: Sequence[Callable[[Contents, Evidence], Iterator[str]]] = (
    i1_what_was_acknowledged_is_there,
    i2_one_version_a_row,
    i3_an_index_is_used_once,
    i4_a_revocation_stays,
    i5_each_change_has_one_entry,
    i6_nobody_holds_a_foreign_credential,
    i8_nothing_personal_in_logs,
    i9_ready_soon,
    i10_nothing_signed_without_intent,
)


def _missing_from(uri: str, token: str, entries: Sequence[Record]) -> Iterator[str]:
    """Inflate a published list and compare it, bit by bit, with the entries that are not valid."""
    payload = json.loads(_decoded(token.split(".")[1]))
    bits = payload["status_list"]["bits"]
    packed = zlib.decompress(_decoded(payload["status_list"]["lst"]))
    list_id = uri.rpartition("/")[2]
    for row in entries:
        if row["list_id"] == list_id and row["value"] == REVOKED:
            position = row["idx"] * bits
            if packed[position >> 3] >> (position & 7) & ((1 << bits) - 1) != REVOKED:
                yield f"{uri} does not say that {row['idx']} is revoked"


def _breaks_of_the_chain(audit: Sequence[Record]) -> Iterator[str]:
    previous = bytes(32)
    for expected, entry in enumerate(audit, 1):
        hashed = [
            entry["sequence"],
            entry["recorded_at"],
            entry["actor"],
            entry["action"],
            entry["target"],
            entry["facts"],
            previous.hex(),
        ]
        written = json.dumps(hashed, ensure_ascii=False, separators=(",", ":")).encode()
        computed = sha256(written).digest()
        if (entry["sequence"], entry["previous_hash"], entry["entry_hash"]) != (expected, previous, computed):
            yield f"the audit log breaks at entry {entry['sequence']}"
            return
        previous = computed


def _decoded(encoded: str) -> bytes:
    return urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
