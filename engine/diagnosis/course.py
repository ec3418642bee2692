"""Course: what is kept of a training's readings, from the first on."""

from __future__ import annotations

from collections import deque

from glassnet.engine.diagnosis.reading import Reading

#: The newest readings that are kept whole.
RECENT = 5


class Course:
    """The readings of a training that its diagnosis needs: the first, the best, and the newest few."""

    def __init__(self) -> None:
        #: How many readings there have been.
        self.count = 0
        self.first: Reading | None = None
        #: The reading with the least loss of samples that are not trained on.
        self.best: Reading | None = None
        #: The least training loss of all.
        self.least = float("inf")
        self.recent: deque[Reading] = deque(maxlen=RECENT)
        #: The best accuracy on new samples that RECENT readings in a row have: the best of all is chance.
        self.held_accuracy = 0.0

    def add(self, reading: Reading) -> None:
        """Take the next reading."""
        self.count += 1
        self.first = self.first or reading
        if self.best is None or reading.judged_loss < self.best.judged_loss:
            self.best = reading
        self.least = min(self.least, reading.train_loss)
        self.recent.append(reading)
        accuracies = [each.judged_accuracy or 0.0 for each in self.recent]
        if len(accuracies) == RECENT:
            self.held_accuracy = max(self.held_accuracy, min(accuracies))

    @property
    def wants_dead_units(self) -> bool:
        """Whether the next reading should count dead units: the 2nd, 3rd, 4th, 5th, 7th, 9th, 13th, 17th, …

        Ever more rarely, so that however long a training is, counting costs next to nothing.
        """
        whole = self.count // 3 if self.count % 3 == 0 else self.count
        return self.count > 0 and whole & (whole - 1) == 0
