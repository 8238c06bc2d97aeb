"""What runs in the measured processes: the same files on either package, with its public API only.

Nothing here knows which package it runs on. A measuring process is started from the folder above, by
`python -m measuring.NAME`, and answers on standard output with a JSON object a line.
"""
