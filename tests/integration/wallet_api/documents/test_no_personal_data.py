"""A canary citizen: no log line, no problem and no file of the store shows her."""

import json

from structlog.testing import capture_logs

CANARY = ("001099000017", "Nguyễn Thị Ánh", "1999-04-30")


async def test_the_canary_shows_nowhere(desk, an, runtime, settings, tmp_path, http, capfd) -> None:
    assert (an.number, an.name, an.birth_date) == CANARY
    with capture_logs() as logs:
        bodies = [
            await desk.agency.call(
                "POST",
                "/issuer/v1/holder-keys/lookup",
                json={"document_type": "urn:giayto:type:health-book:1", "subjects": [an.question]},
            ),
            await desk.push(await desk.row(an)),
            await desk.push(await desk.row(an, claims={**an.claims, "sex": an.number})),
            await desk.push(await desk.row(an, claims={**an.claims, an.number: "1"})),
            await desk.push(await desk.row(an, subject={"kind": an.name, "id": an.number})),
            await desk.push_stream([b'{"subject":"%s"}\n' % an.number.encode(), await desk.row(an, "row-2")]),
            await http.get(f"/issuer/v1/documents/{an.number}?state={an.number}"),
            await desk.agency.call("GET", f"/issuer/v1/documents?state={an.number}"),
        ]
    await runtime.database.close()
    for secret in CANARY:
        assert secret not in json.dumps(logs, ensure_ascii=False, default=str)
        for response in bodies:
            assert secret not in response.text
        for file in tmp_path.glob("giayto.db*"):
            assert secret.encode() not in file.read_bytes()
    output = capfd.readouterr()
    assert not any(secret in output.out + output.err for secret in CANARY)
