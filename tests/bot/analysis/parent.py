"""A process with a pool at work, for the test that kills it: ``parent.py FILE`` prints the children's ids."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

from bot.analysis.pool import AnalysisPool
from tests.bot.analysis.work import process_id, wait_for

if __name__ == "__main__":
    gate = Path(sys.argv[1])
    pool = AnalysisPool(2, 0, warm_rules=False)
    threads = [threading.Thread(target=pool.run, args=(wait_for, gate), kwargs={"seconds": 60}) for _ in "ab"]
    ids = set()
    while len(ids) < 2:
        ids.add(pool.run(process_id, seconds=60))
        time.sleep(0.01)
    for thread in threads:
        thread.start()
    print(*ids, flush=True)
    for thread in threads:
        thread.join()
