"""Runs: a session that trains, is edited and watched, and its run directory.

session.py          commands in, frames and answers out; the order of a slice of training
player.py           the states of a session, and the training between two looks at the commands
current_training.py the experiment as edited so far, and its trainer
picture_frames.py   frames of the watched pictures: when each is due, computed, encoded, sent
recorder.py         rows of scalars: journalled, then sent as frames; events and checkpoints
outlet.py           where frames and messages go
study_runner.py     studies, on snapshots (snapshot.py), and their frames
directory.py        the run on disk: journal/, recorded_frames.py, checkpoints
"""
