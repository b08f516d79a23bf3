"""A register is pushed while its client and its server are killed, in turn, at random moments."""

import random
import time
from pathlib import Path

import pytest

from fault_injection import Databases, World

SEED = 20261122


@pytest.mark.parametrize("on", ["sqlite", "postgresql"])
def test_client_and_server_are_killed_and_the_job_goes_on(on: Databases, tmp_path: Path, extent) -> None:
    moments = random.Random(SEED)
    with World.made(tmp_path, extent.rows, on=on) as world:
        world.start_server()
        for kill in range(extent.kills):
            if not world.is_pushing:
                world.start_push()
            time.sleep(moments.uniform(0.3, 2.0))
            if kill % 2:
                world.kill_client()
            else:
                world.kill_server()
                world.start_server()
        ended = world.push_to_the_end()
        assert ended.report is not None
        assert ended.report["agrees_with_server"], ended.report["differences"]
        assert len(ended.stored) == extent.rows
        assert world.violations(ended) == []
