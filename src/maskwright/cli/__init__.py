"""The command line: thin faces of the Python API."""
