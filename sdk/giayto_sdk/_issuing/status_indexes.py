"""Status indexes for a job: taken from the server in blocks, given to batches one by one, each once."""

from collections.abc import Callable
from threading import Lock
from typing import Final

from giayto_crypto.sdjwt import StatusReference
from giayto_sdk._issuing.job_folder import OpenJob
from giayto_sdk._issuing.records import BatchIntents, IndexBlock, IndexesReserved, Intent

BLOCK: Final = 4000
"""So many at once, while the source has more rows: a call for each batch would cost each batch its time."""

Reserve = Callable[[int], list[StatusReference]]
"""Asks the server for so many fresh ones."""


class IndexStock:
    """What was reserved for a job and stands in no intent. What a crash left of a block is used by the next run."""

    def __init__(self, job: OpenJob, reserve: Reserve) -> None:
        """Begin with what the journal says was left."""
        self._job = job
        self._reserve = reserve
        self._taking = Lock()

    def intend(self, batch: int, wanted: list[tuple[int, str, tuple[str, ...]]], *, more_to_come: bool) -> list[Intent]:
        """Decide over the indexes of a batch, and write down what will be signed with them; durable after `sync`.

        Args:
            batch: its number.
            wanted: row, row key and thumbprints of the holder keys of each row.
            more_to_come: whether later batches will want indexes too.
        """
        if not wanted:
            return []
        count = sum(len(keys) for _, _, keys in wanted)
        with self._taking:
            spare = self._job.state.spare_indexes
            missing = count - len(spare)
            if missing > 0:
                fresh = self._reserve(max(missing, BLOCK) if more_to_come else missing)
                self._job.record(IndexesReserved(_blocks(fresh)))
            indexes = iter(list(spare)[:count])
            intents = [
                Intent(row, row_key, keys, tuple((each.uri, each.idx) for _, each in zip(keys, indexes, strict=False)))
                for row, row_key, keys in wanted
            ]
            self._job.record(BatchIntents(batch, tuple(intents)))
        return intents


def _blocks(indexes: list[StatusReference]) -> tuple[IndexBlock, ...]:
    by_list: dict[str, list[int]] = {}
    for each in indexes:
        by_list.setdefault(each.uri, []).append(each.idx)
    return tuple((uri, tuple(found)) for uri, found in by_list.items())
