"""PostgreSQL is stopped at once, and started again, while a register is pushed."""

import random
import time
from pathlib import Path

from fault_injection import World

SEED = 20261123
DOWN_SECONDS = 1.0


def test_no_acknowledged_row_is_lost(tmp_path: Path, extent) -> None:
    moments = random.Random(SEED)
    with World.made(tmp_path, extent.rows, on="postgresql") as world:
        assert world.postgresql is not None
        world.start_server()
        for _ in range(extent.postgresql_stops):
            if not world.is_pushing:
                world.start_push()
            time.sleep(moments.uniform(1.0, 2.5))
            world.postgresql.stop_at_once()
            time.sleep(DOWN_SECONDS)
            world.postgresql.start()
        ended = world.push_to_the_end()
        assert ended.report is not None
        assert ended.report["agrees_with_server"], ended.report["differences"]
        assert len(ended.stored) == extent.rows
        assert world.violations(ended) == []
