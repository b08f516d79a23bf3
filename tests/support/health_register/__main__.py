"""Push a register of so many rows through the command; tell the speed, and what memory it took."""

import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from health_register import TYPE, HealthRegister

_LOOK_SECONDS = 0.2


class PeakMemory(threading.Thread):
    """The most resident memory of a process and of those it started, in MiB, as it is while it runs."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self.peak = 0.0
        self.at_quarters: list[float] = []
        self.start()

    def run(self) -> None:
        while now := sum(map(_resident, [self._pid, *_children(self._pid)])):
            self.peak = max(self.peak, now)
            self.at_quarters.append(now)
            time.sleep(_LOOK_SECONDS)


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        register = HealthRegister.make(Path(folder) / "sandbox", rows)
        sys.stdout.write(f"{rows:,} records and wallets made in {time.perf_counter() - begin:.0f} s\n")
        with register.served() as server:
            server_memory = PeakMemory(server.pid)
            command = [sys.executable, "-m", "giayto_sdk.cli", "push", str(register.records), "--type", TYPE]
            begin = time.perf_counter()
            with subprocess.Popen([*command, "--config", str(register.config), *sys.argv[2:]]) as client:
                memory = PeakMemory(client.pid)
                code = client.wait()
            elapsed = time.perf_counter() - begin
        looks = memory.at_quarters
        quarters = [max(looks[len(looks) * part // 4 : len(looks) * (part + 1) // 4] or [0]) for part in range(4)]
        sys.stdout.write(f"exit {code}; {rows / elapsed:,.0f} rows/s; {elapsed:.1f} s\n")
        sys.stdout.write(
            f"client peak {memory.peak:.0f} MiB with its processes; by quarters {[round(each) for each in quarters]}\n"
        )
        sys.stdout.write(f"server peak {server_memory.peak:.0f} MiB\n")
        sys.stdout.write(f"15,822,260 rows at this speed: {15_822_260 * elapsed / rows / 3600:.1f} h\n")


def _resident(pid: int) -> float:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


if __name__ == "__main__":
    main(int(sys.argv[1]))
