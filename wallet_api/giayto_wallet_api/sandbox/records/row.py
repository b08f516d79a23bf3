"""The form of a source row, and how the agencies' systems write days and times in it."""

from datetime import date, datetime, time

from giayto_wallet_api.sandbox.dice import Dice

Row = dict[str, object]
"""One record: source column to text, or to a list of such rows where the source nests. Absent means unknown."""


def without_empty(row: Row) -> Row:
    """Return `row` without the columns that hold nothing."""
    return {column: value for column, value in row.items() if value not in (None, "", [])}


def office_hour(day: date, dice: Dice) -> datetime:
    """Return a minute of `day` between 07:00 and 16:59, local time without a zone, as source systems keep it."""
    return datetime.combine(day, time(dice.between(7, 16), dice.below(60)))


def xml_time(moment: datetime) -> str:
    """Write a time as the health ministry's XML does: yyyymmddHHMM."""
    return f"{moment:%Y%m%d%H%M}"


def portal_time(moment: datetime) -> str:
    """Write a time as one-stop systems do: dd/mm/yyyy HH:MM:SS."""
    return f"{moment:%d/%m/%Y %H:%M:%S}"


def day_text(day: date) -> str:
    """Write a day as forms do: dd/mm/yyyy."""
    return f"{day:%d/%m/%Y}"
