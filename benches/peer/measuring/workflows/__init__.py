"""The measured workflows, one a file: a sandbox imports a workflow's file for each run, and should
not be charged for the others."""
