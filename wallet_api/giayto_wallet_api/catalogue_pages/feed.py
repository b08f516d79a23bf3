"""The Atom feed of editions (RFC 4287), so that offices hear of a new one without asking."""

from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from giayto_crypto.catalogue_edition import CatalogueEdition, EditionDifference
from giayto_wallet_api.catalogue_pages.languages import Language, texts

ATOM_MEDIA_TYPE = "application/atom+xml"
_NAMESPACE = "http://www.w3.org/2005/Atom"
_NEVER = datetime(2026, 1, 1, tzinfo=UTC)
"""`updated` of a feed without editions: the element is mandatory."""


def atom_feed(
    editions: Iterable[tuple[CatalogueEdition, EditionDifference | None]], *, base_url: str, language: Language
) -> bytes:
    """Write a feed.

    Args:
        editions: newest first, each with what changed since the one before.
        base_url: of this server; identifiers are made from it and must not change.
        language: of the texts.
    """
    words, kept = texts(language), list(editions)
    page = f"{base_url}/public/v1/catalogue"
    feed = Element("feed", {"xmlns": _NAMESPACE, "xml:lang": language})
    _text(feed, "id", f"{page}/feed.atom")
    _text(feed, "title", words["site"])
    _text(feed, "updated", _rfc3339(kept[0][0].issued_at if kept else _NEVER))
    SubElement(feed, "link", {"rel": "self", "href": f"{page}/feed.atom?lang={language}", "type": ATOM_MEDIA_TYPE})
    SubElement(feed, "link", {"rel": "alternate", "href": f"{page}?lang={language}", "type": "text/html"})
    _text(SubElement(feed, "author"), "name", urlsplit(base_url).netloc)
    for edition, changes in kept:
        address = f"{page}/{edition.edition_id}"
        entry = SubElement(feed, "entry")
        _text(entry, "id", address)
        _text(entry, "title", words["edition"].format(edition=edition.edition_id))
        _text(entry, "updated", _rfc3339(edition.issued_at))
        SubElement(entry, "link", {"rel": "alternate", "href": f"{address}?lang={language}", "type": "text/html"})
        _text(entry, "summary", _summary(edition, changes, language))
    written: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _summary(edition: CatalogueEdition, changes: EditionDifference | None, language: Language) -> str:
    words = texts(language)
    parts = [words["documents_count"].format(count=len(edition.entries))]
    if edition.correction_note:
        parts.append(words["corrected"].format(note=edition.correction_note))
    if changes is not None:
        for name, entries in (("added", changes.added), ("removed", changes.removed), ("changed", changes.changed)):
            titles = [getattr(entry.titles, language) for entry in entries]
            if titles:
                parts.append(f"{words[name]}: {', '.join(titles)}")
    return ". ".join(parts)


def _text(parent: Element, name: str, content: str) -> None:
    SubElement(parent, name).text = content


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
