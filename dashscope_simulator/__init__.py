"""Alibaba's Wan 2.7 text-to-video service on localhost, for demos, tests, load and chaos.

It speaks the protocol of DashScope so closely that the vendor's own SDK does not notice, really renders a film for
every task, keeps books on what it accepted and charged, and misbehaves on request. It knows nothing of Django and
nothing of the studio.
"""

from dashscope_simulator.faults import Fault, FaultBook
from dashscope_simulator.records import LedgerEntry, Limits, Status, TaskRecord
from dashscope_simulator.service import account_of
from dashscope_simulator.simulator import Simulator

__all__ = ["Fault", "FaultBook", "LedgerEntry", "Limits", "Simulator", "Status", "TaskRecord", "account_of"]
