"""A review server that rates by itself and says each receipt on a line, until somebody kills it."""

import json
import sys
import threading
from dataclasses import asdict

from pixel.review import ReviewDatabase, passwords
from tests.review.parts import GOOD, SECRET, rows

passwords.COST = 2
PEOPLE = 4


def work(database: ReviewDatabase, name: str) -> None:
    while (given := database.next_item(name)) is not None:
        receipt = database.submit(name, given.item_id, given.token, GOOD, comment=name)
        print(json.dumps(asdict(receipt)) + "\n", end="", flush=True)


if __name__ == "__main__":
    database = ReviewDatabase(sys.argv[1])
    if not database.has_accounts():
        database.add_items(rows(300), overlap=3)
        for n in range(PEOPLE):
            database.add_reviewer(f"r{n}", SECRET)
    threads = [threading.Thread(target=work, args=(database, f"r{n}")) for n in range(PEOPLE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
