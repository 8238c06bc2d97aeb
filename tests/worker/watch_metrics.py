"""Scrapes a worker's metrics from another process, for as long as its standard input is open.

Prints a JSON array with one entry a scrape: when it began and ended, by the clock that all processes
share, and what it showed.
"""

import json
import sys
import threading
import time
import urllib.request


def main() -> None:
    """Scrape the address that is the argument."""
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    found = []
    while not over.wait(0.1):
        began = time.monotonic()
        with urllib.request.urlopen(f"http://{sys.argv[1]}/metrics", timeout=300) as answer:
            text = answer.read().decode()
        found.append({"began": began, "ended": time.monotonic(), "text": text})
    print(json.dumps(found))


main()
