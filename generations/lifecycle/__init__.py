"""The way of one video. Only this package moves a generation's status; each verb has its module.

press → submit → watch → archive → derive; reconcile, cancel, retry and trash beside it. `moves` holds the table.
"""
