"""The bench beside the official package still works; how fast anything is, is not tested."""
