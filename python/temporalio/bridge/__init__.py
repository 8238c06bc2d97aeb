"""The Rust runtime, as Python sees it. Private: the public modules stand on it."""
