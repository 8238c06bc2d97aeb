"""A module that does what is not restricted while modules are loaded, but later."""

import time

loaded = time.time()
