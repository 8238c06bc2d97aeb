"""A document of nested lists and dicts that is 1 MiB of JSON."""

from __future__ import annotations

import json
from typing import Any

JSON_BYTES = 2**20


def order(number: int) -> dict[str, Any]:
    """One record, with a bit of everything that JSON has."""
    return {
        "id": number,
        "customer": {
            "name": f"Customer {number % 97}",
            "mail": f"customer{number % 97}@example.com",
        },
        "address": {"street": f"{number % 211} High Street", "lines": [], "country": "NL"},
        "total": round(number * 1.37, 2),
        "paid": number % 3 == 0,
        "coupon": None if number % 5 else f"SAVE{number % 50}",
        "items": [
            {"sku": f"{number:05}-{item}", "quantity": item + 1, "price": 9.5 * (item + 1)}
            for item in range(3)
        ],
        "tags": ["new", "naïve café", 'with "quotes"'][: number % 4],
    }


def document() -> dict[str, Any]:
    """As many orders as make 1 MiB, written as the default converter writes JSON."""
    orders: list[dict[str, Any]] = []
    size = len('{"orders":[],"stamps":0}')
    while size < JSON_BYTES:
        orders.append(order(len(orders)))
        size += len(json.dumps(orders[-1], separators=(",", ":"))) + 1
    return {"orders": orders, "stamps": 0}


DOCUMENT = document()
