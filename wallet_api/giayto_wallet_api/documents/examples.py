"""Examples of the document operations, for OpenAPI. Tokens are shortened."""

ROW = {
    "row_key": "G18-2026-000184",
    "document_type": "urn:giayto:type:health-book:1",
    "subject": {"kind": "person", "id": "001099000017"},
    "credentials": ["eyJhbGciOiJFUzI1NiIsInR5cCI6ImRjK3NkLWp3dCIsIng1YyI6W…~WyJ…~"],
    "replaces": None,
}
DOCUMENT_ID = "doc_8d0c3f5a1b7e4926a0c4d8e2f6b91357"
STORED = {"row_key": ROW["row_key"], "result": "stored", "document_id": DOCUMENT_ID, "version": 1}
STREAM_OF_ANSWERS = (
    '{"row":1,"row_key":"G18-2026-000184","result":"stored",'
    f'"document_id":"{DOCUMENT_ID}","version":1}}\n'
    '{"row":2,"row_key":"G18-2026-000185","result":"refused","problem":{"code":"type_not_authorised",'
    '"detail":"trust list: the entry does not cover this vct",'
    '"message_vi":"Cơ quan này không có thẩm quyền cấp loại giấy tờ này.",'
    '"message_en":"This agency may not issue this type of document."}}\n'
)
ITEM = {
    "document_id": DOCUMENT_ID,
    "version": 1,
    "row_key": ROW["row_key"],
    "document_type": ROW["document_type"],
    "state": "active",
    "pushed_at": "2026-11-22T09:30:00Z",
    "changed_at": "2026-11-22T09:30:00Z",
}
PAGE = {"items": [ITEM], "next_cursor": "1042"}
DETAIL = {**ITEM, "holder": {"answer": "confirmed", "reason": None}}
DECISION = {"reason": "issued by mistake"}
