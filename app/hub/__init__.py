"""The hub: distribution of one run's frames and messages to many viewers.

hub.py        a frame from the worker goes into the mailbox of each viewer that watches its probe
mailbox.py    what waits for one viewer: all rows, and the newest picture of each probe
websocket.py  the sending of a mailbox, and its pace
"""
