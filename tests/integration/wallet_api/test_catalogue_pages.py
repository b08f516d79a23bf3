"""The catalogue as people meet it: pages, feed, table and poster, over real HTTP and in a real browser."""

import asyncio
import csv
import re
import shutil
import subprocess
from datetime import date
from html.parser import HTMLParser
from io import BytesIO, StringIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from msgspec import structs
from pypdf import PdfReader

from giayto_crypto.localised import Localised
from giayto_issuers.document_type.model import DocumentTypes
from giayto_wallet_api.catalogue.editions import freeze_edition
from giayto_wallet_api.catalogue_pages.search import fold
from giayto_wallet_api.catalogue_pages.table import inert

PAGES = "/public/v1/catalogue"
ATOM = "{http://www.w3.org/2005/Atom}"
CHROMIUM = shutil.which("chromium")
CHROMIUM_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
HOSTILE = "<script>alert('x')</script>&\"]]>"


@pytest.fixture
def freeze(runtime, clock):
    async def freeze(month="2026-11", *, types=None, note=None):
        async with runtime.database.transaction() as tx:
            await freeze_edition(
                tx,
                month=month,
                types=types or runtime.document_types,
                identity=runtime.keys.catalogue,
                now=clock(),
                correction_note=note,
            )

    return freeze


def many(types: DocumentTypes, count: int) -> DocumentTypes:
    """The same type again and again under other names."""
    first = next(iter(types))
    return DocumentTypes(
        tuple(structs.replace(first, code=f"type-{number}", vct=f"urn:type:{number}") for number in range(count))
    )


def titles(html: str) -> list[str]:
    return re.findall(r"<h2><a href=[^>]*>([^<]*)</a></h2>", html)


async def shown(http, address=PAGES, **parameters) -> str:
    response = await http.get(address, params=parameters)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return response.text


async def test_a_page_lets_nothing_in_but_its_own_stylesheet(freeze, http) -> None:
    await freeze()
    for address in (PAGES, f"{PAGES}/2026-11/documents/referral", f"{PAGES}/may-ask", f"{PAGES}/history"):
        response = await http.get(address)
        policy = response.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; form-action 'self'")
        assert not re.findall(r"<script|<style|style=|onclick|<img", response.text)
        assert not re.findall(r'(?:src|href|action)="(?!/public/v1/|#)', response.text)
    style = await http.get(f"{PAGES}/catalogue.css")
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert "prefers-color-scheme: dark" in style.text
    assert "@media print" in style.text


@pytest.mark.parametrize("query", ["giấy chuyển", "GIAY  CHUYEN", "phieu chuyen co so", "Phiếu chuyển", "referral"])
async def test_documents_are_found_with_and_without_marks(freeze, http, query) -> None:
    await freeze()
    html = await shown(http, q=query)
    assert "Phiếu chuyển cơ sở khám bệnh, chữa bệnh" in titles(html)
    assert len(titles(html)) < 5


@pytest.mark.parametrize(("text", "folded"), [("Đường ĐỘC đáo", "duong doc dao"), ("Sổ sức khỏe", "so suc khoe")])
def test_folding_takes_every_mark(text, folded) -> None:
    assert fold(text) == folded


async def test_filters_narrow_and_are_kept_in_the_form(freeze, http) -> None:
    await freeze()
    organisations = await shown(http, holder="organisation")
    assert set(titles(organisations)) == {"Giấy chứng nhận đăng ký doanh nghiệp", "Giấy chứng nhận đăng ký thuế"}
    assert '<option value="organisation" selected>' in organisations
    health = await shown(http, owner="G18", stage="integrated")
    assert titles(health)
    assert len(titles(health)) < len(titles(await shown(http, owner="G18")))
    assert "Phiếu lý lịch tư pháp số 1" not in titles(health)


async def test_nothing_found_is_said_and_leads_back(freeze, http) -> None:
    await freeze()
    html = await shown(http, q="<b>khong co gi nhu the", lang="en")
    assert titles(html) == []
    assert "No document matches" in html
    assert "<b>khong" not in html
    assert f'href="{PAGES}?lang=en"' in html


async def test_long_lists_have_pages(freeze, http, runtime) -> None:
    await freeze(types=many(runtime.document_types, 60))
    first, last = await shown(http), await shown(http, page=99)
    assert (len(titles(first)), len(titles(last))) == (24, 12)
    assert "Trang 1 / 3" in first
    assert re.search(r'rel="next" href="[^"]*page=2', first)
    assert 'rel="prev"' not in first
    assert 'rel="next"' not in last


async def test_pages_are_in_both_languages_and_link_to_each_other(freeze, http) -> None:
    await freeze()
    vietnamese, english = await shown(http, q="referral"), await shown(http, q="referral", lang="en")
    assert '<html lang="vi">' in vietnamese
    assert '<html lang="en">' in english
    assert f'href="{PAGES}?q=referral&amp;lang=en" lang="en"' in vietnamese
    assert "Referral" in titles(english)[0]
    assert "Published 22 November 2026" in english


async def test_old_editions_stay_and_say_that_they_are_old(freeze, http, runtime, clock) -> None:
    await freeze("2026-11", types=many(runtime.document_types, 3))
    clock.advance(days=10)
    await freeze("2026-12")
    old, new = await shown(http, f"{PAGES}/2026-11"), await shown(http)
    assert len(titles(old)) == 3
    assert "Đây là kỳ công bố cũ. Kỳ mới nhất là 2026-12." in old
    assert "kỳ công bố cũ" not in new
    history = await shown(http, f"{PAGES}/history")
    assert titles(history) == ["Kỳ công bố 2026-12", "Kỳ công bố 2026-11"]
    changes = await shown(http, f"{PAGES}/2026-12/changes")
    assert "Thay đổi từ 2026-11 đến 2026-12" in changes
    assert "kỳ công bố đầu tiên" in await shown(http, f"{PAGES}/2026-11/changes")


async def test_pages_are_revalidated_by_their_tag(freeze, http) -> None:
    await freeze()
    first = await http.get(PAGES)
    assert first.headers["cache-control"] == "public, max-age=0"
    again = await http.get(PAGES, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await freeze(note="Sửa")
    assert (await http.get(PAGES, headers={"if-none-match": first.headers["etag"]})).status_code == 200


@pytest.mark.parametrize(
    ("address", "status"),
    [("/2026-09", 404), ("/nothing", 404), ("/2026-11/documents/nothing", 404), ("?stage=x", 400), ("?page=0", 400),
     ("/2026-11/documents/referral?version=9", 404), ("/history?cursor=x", 400), ("/may-ask?date=x", 400)],
)  # fmt: skip
async def test_what_cannot_be_shown_is_told_on_a_page(freeze, http, address, status) -> None:
    await freeze()
    response = await http.get(f"{PAGES}{address}")
    assert (response.status_code, response.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert "<main" in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]


async def test_before_the_first_edition_there_is_an_empty_page(http) -> None:
    assert "chưa được công bố" in await shown(http)
    assert (await http.get(f"{PAGES}/2026-11")).status_code == 404
    feed = ET.fromstring((await http.get(f"{PAGES}/feed.atom")).content)
    assert feed.findall(f"{ATOM}entry") == []


async def test_the_page_answers_whether_paper_may_be_asked_for(freeze, http) -> None:
    await freeze()
    never = await shown(http, f"{PAGES}/may-ask", document="criminal-record-2")
    assert 'class="answer no"' in never
    assert "Không ai được yêu cầu giấy tờ này" in never
    allowed = await shown(http, f"{PAGES}/may-ask", document="land-use-certificate", lang="en")
    assert 'class="answer yes"' in allowed
    wrong = await shown(http, f"{PAGES}/may-ask", document="referral", procedure="<i>x")
    assert "Mã thủ tục không đúng" in wrong
    assert "<i>x" not in wrong
    assert 'class="answer' not in await shown(http, f"{PAGES}/may-ask")


def hostile(types: DocumentTypes) -> DocumentTypes:
    named = Localised(vi=HOSTILE, en=HOSTILE)
    return DocumentTypes(tuple(structs.replace(each, titles=named, description=named) for each in types))


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag, attrs) -> None:
        self.seen.add(tag)


async def test_hostile_text_stays_text_everywhere(freeze, http, runtime) -> None:
    await freeze(types=hostile(runtime.document_types), note=None)
    await freeze(note="=1+1")
    for address in (f"{PAGES}/2026-11", f"{PAGES}/2026-11/documents/referral", f"{PAGES}/2026-11.1/changes"):
        tags = Tags()
        tags.feed(await shown(http, address))
        assert "script" not in tags.seen
    feed = ET.fromstring((await http.get(f"{PAGES}/feed.atom")).content)
    assert len(feed.findall(f"{ATOM}entry")) == 2
    pdf = PdfReader(BytesIO((await http.get(f"{PAGES}/2026-11/poster.pdf")).content))
    assert "<script>" in pdf.pages[0].extract_text()


async def test_the_feed_tells_of_each_edition(freeze, http, runtime, clock) -> None:
    await freeze("2026-11", types=DocumentTypes(tuple(t for t in runtime.document_types if t.code != "referral")))
    clock.advance(days=9)
    await freeze("2026-12")
    response = await http.get(f"{PAGES}/feed.atom")
    assert response.headers["content-type"] == "application/atom+xml"
    feed = ET.fromstring(response.content)
    assert feed.findtext(f"{ATOM}updated") == "2026-12-01T09:30:00Z"
    assert feed.findtext(f"{ATOM}id", "").endswith("/public/v1/catalogue/feed.atom")
    newest, oldest = feed.findall(f"{ATOM}entry")
    assert newest.findtext(f"{ATOM}id", "").endswith("/public/v1/catalogue/2026-12")
    assert "Thêm mới: Phiếu chuyển cơ sở" in newest.findtext(f"{ATOM}summary", "")
    assert "Thêm mới" not in oldest.findtext(f"{ATOM}summary", "")
    for entry in (newest, oldest):
        assert {child.tag for child in entry} == {
            f"{ATOM}{name}" for name in ("id", "title", "updated", "link", "summary")
        }


async def test_the_table_opens_in_a_spreadsheet(freeze, http) -> None:
    await freeze()
    response = await http.get(f"{PAGES}/2026-11/table.csv")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(StringIO(response.content.decode("utf-8-sig"))))
    assert len(rows) == 16
    by_code = {row["code"]: row for row in rows}
    assert by_code["criminal-record-2"]["demand"] == "never"
    assert by_code["criminal-record-1"]["title_vi"] == "Phiếu lý lịch tư pháp số 1"
    assert "1.000894=no" in by_code["marital-status"]["procedures"]
    assert response.headers["content-disposition"] == 'attachment; filename="catalogue-2026-11.csv"'


@pytest.mark.parametrize("cell", ["=1+1", "+84", "-1", "@x", "\tx"])
def test_no_cell_is_a_formula(cell) -> None:
    assert inert(cell) == f"'{cell}"
    assert inert("Giấy") == "Giấy"


@pytest.mark.parametrize(("size", "width"), [("a4", 210), ("a3", 297)])
async def test_the_poster_is_a_pdf_with_vietnamese_text_in_embedded_fonts(freeze, http, size, width) -> None:
    await freeze()
    response = await http.get(f"{PAGES}/latest/poster.pdf", params={"size": size})
    assert response.headers["content-type"] == "application/pdf"
    pdf = PdfReader(BytesIO(response.content))
    (sheet,) = pdf.pages
    assert round(float(sheet.mediabox.width) / 72 * 25.4) == width
    text = " ".join(sheet.extract_text().split())
    for words in ("Đã có trong ví thì không phải nộp bản giấy", "Phiếu lý lịch tư pháp số 2", "Kỳ công bố 2026-11",
                  "/public/v1/catalogue/2026-11", "Chỉ thị 24"):  # fmt: skip
        assert words in text
    fonts = [font.get_object() for font in sheet["/Resources"]["/Font"].values()]
    for font in fonts:
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert {"/FontFile2", "/FontFile3"} & set(descriptor)
    again = await http.get(f"{PAGES}/latest/poster.pdf", params={"size": size})
    assert again.headers["etag"] == response.headers["etag"]


async def test_the_qr_of_the_poster_leads_to_the_page(freeze, http, tmp_path) -> None:
    zxingcpp = pytest.importorskip("zxingcpp")
    image = pytest.importorskip("PIL.Image")
    from giayto_wallet_api.catalogue_pages.poster import qr_svg

    drawn = qr_svg("https://vi.example/public/v1/catalogue/2026-11")
    side = int(re.search(r'viewBox="0 0 (\d+)', drawn)[1])
    picture = image.new("L", (side, side), 255)
    for x, y in re.findall(r"M(\d+) (\d+)h1v1", drawn):
        picture.putpixel((int(x), int(y)), 0)
    (read,) = zxingcpp.read_barcodes(picture.resize((side * 8, side * 8), 0))
    assert read.text == "https://vi.example/public/v1/catalogue/2026-11"


@pytest.mark.parametrize("address", ["/2026-11/poster.pdf?size=a0", "/2026-11/poster.pdf?lang=fr"])
async def test_a_poster_of_another_size_is_refused(freeze, http, address) -> None:
    await freeze()
    assert (await http.get(f"{PAGES}{address}")).status_code == 400


@pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_browser_lays_the_page_out_without_overflow(freeze, http, tmp_path: Path, scheme) -> None:
    """What Chromium shows of the page saved with its stylesheet: a picture that is neither empty nor unstyled."""
    image = pytest.importorskip("PIL.Image")
    await freeze()
    html = (await shown(http)).replace(f"{PAGES}/catalogue.css", "catalogue.css")
    style = (await http.get(f"{PAGES}/catalogue.css")).text
    if scheme == "dark":
        style = style.replace("@media (prefers-color-scheme: dark)", "@media all")
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    (tmp_path / "catalogue.css").write_text(style, encoding="utf-8")
    picture = tmp_path / "page.png"
    command = [
        str(CHROMIUM), *CHROMIUM_FLAGS, "--hide-scrollbars", "--window-size=500,1200", f"--screenshot={picture}",
        f"--user-data-dir={tmp_path / 'profile'}", (tmp_path / "page.html").as_uri(),
    ]  # fmt: skip
    await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True, timeout=60)
    seen = image.open(picture).convert("RGB")
    top_left = seen.getpixel((2, 2))
    assert (sum(top_left) < 200) == (scheme == "dark")
    colours = seen.getcolors(maxcolors=1_000_000)
    assert len(colours) > 50
    # A word that ran out of the page would colour its right edge.
    assert len({seen.getpixel((seen.width - 1, y)) for y in range(seen.height)}) < 8


def test_every_word_is_there_in_both_languages() -> None:
    from giayto_wallet_api.catalogue_pages.languages import texts, written_day

    vietnamese, english = texts("vi"), texts("en")
    assert set(vietnamese) == set(english)
    for name, text in vietnamese.items():
        assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", english[name])), name
    assert written_day(date(2026, 12, 5), "vi") == "05/12/2026"
    assert written_day(date(2026, 12, 5), "en") == "5 December 2026"
