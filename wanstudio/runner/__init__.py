"""Serves the whole studio on one machine: `manage.py run`.

`plan` decides what is run (address, demo, services), `supervisor` keeps it running, `child` and `watchdog` see to it
that nothing survives the runner.
"""
