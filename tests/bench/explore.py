"""Server time and memory of the page Explore on a large data set.

Run: LIGHTBOX_HOME=… .venv/bin/python -m tests.bench.explore [data set] [runs]

The data set must have been imported and checked: `dashboard import`, `dashboard quality`. A rerun
is the whole script of the page, as after any click; memory is compared with that of the home page.
"""

from __future__ import annotations

import logging
import statistics
import sys
import time
from pathlib import Path

from dashboard.core.data.store import get_dataset
from dashboard.core.quality.flags import load_flags
from tests.pages.conftest import open_page


def resident_mb(field: str = "VmRSS") -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


def views(name: str) -> dict[str, dict[str, str]]:
    """What is measured → parameters of the URL."""
    flags = load_flags(get_dataset(name))
    assert flags is not None, "check the data set first"
    fault = max(flags.faults, key=lambda found: found.n).id
    some_class = get_dataset(name).classes[3]
    return {
        "gallery, all images": {},
        "gallery, page 500": {"page": "500"},
        "gallery, class, split and order": {"class": some_class, "split": "test", "sort": "bytes"},
        "gallery, text and doubt": {"file": "7", "sort": "suspicion", "falling": "true"},
        "gallery, any flag": {"flag": "any"},
        "an image with its neighbours": {"image": flags.table["id"].iloc[0]},
        "statistics": {"view": "statistics"},
        "statistics of a class": {"view": "statistics", "class": some_class},
        f"quality, {fault}": {"view": "quality", "fault": fault},
        "map by class": {"view": "map"},
        "map by flag": {"view": "map", "colour": "flag"},
        "versions": {"versions": "true"},
    }


def main() -> None:
    """Print the median and the largest time of each view, and the memory."""
    logging.disable(logging.WARNING)  # of pages that run without a server
    name = sys.argv[1] if len(sys.argv) > 1 else "cifar10"
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    open_page("home")
    idle = resident_mb()
    print(f"idle page: {idle:.0f} MB")
    for what, query in views(name).items():
        test = open_page("explore", dataset=name, **query)
        times = []
        for _ in range(runs):
            began = time.perf_counter()
            test.run()
            times.append(1000 * (time.perf_counter() - began))
        print(
            f"{what}: median {statistics.median(times):.0f} ms, most {max(times):.0f} ms; "
            f"{resident_mb() - idle:+.0f} MB"
        )
    print(f"most memory ever: {resident_mb('VmHWM') - idle:+.0f} MB")


if __name__ == "__main__":
    main()
