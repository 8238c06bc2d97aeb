"""The official package and this one side by side: `python -m benches.peer`, or `make bench-peer`.

Every figure is taken by a fresh process that runs the same file of `measuring/` on one of the two
packages. Nothing but the standard library is imported here.
"""
