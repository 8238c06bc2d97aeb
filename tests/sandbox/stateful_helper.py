"""A module that another one imports."""

total = 0
history: list[int] = []


def bump() -> int:
    """Count a use."""
    global total
    total += 1
    history.append(total)
    return total
