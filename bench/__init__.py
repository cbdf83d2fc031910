"""What the promises of speed rest on, measured: `python -m bench [NAME …] [--quick]`."""
