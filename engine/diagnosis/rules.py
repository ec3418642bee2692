"""Rules: the troubles of a training, by the readings of its evaluations.

The thresholds stand well between what is measured on the examples that are to learn and on those that are to
fail, over five seeds each (`python -m bench diagnosis`).
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

from glassnet.engine.diagnosis.course import RECENT, Course
from glassnet.engine.diagnosis.finding import Evidence, Finding, spoken
from glassnet.engine.diagnosis.reading import Reading
from glassnet.engine.errors import Diverged

#: A gradient has vanished at a layer where it is this share of the last layer's.
VANISHED = 0.01

#: A training has not begun to learn while its least loss is more than this share of the first.
UNLEARNT = 0.9

#: Readings, and steps, after which a loss that has not fallen is one that does not fall.
PATIENCE, PATIENT_STEPS = 10, 200

#: A layer has died of which more than this share of units is dead; of fewer units than this, each must be, as
#: many of a few die by chance while the others learn.
DEAD, FEW_UNITS = 0.5, 20

#: A loss explodes that is this many times the first one.
EXPLODED = 5.0

#: A network overfits whose loss of new samples is this many times its least, by this share of the first one
#: (Prechelt 1998, generalisation loss).
RISEN, RISEN_BY = 1.5, 0.2

#: Or one whose accuracy of new samples is this much below that of the training set, and has fallen by more
#: than so many standard errors. A loss that rises a little does not tell, as it does from mere confidence
#: while no more samples are wrong (Guo et al. 2017, section 3).
APART, SURE = 0.1, 3.0

Rule = Callable[[Course, Reading, Reading], Finding | None]


def diagnose(course: Course) -> Finding | None:
    """The gravest trouble of a training as of its newest reading; None where it has none."""
    if course.first is None or not course.recent or course.recent[-1].step == course.first.step:
        return None
    first, now = course.first, course.recent[-1]
    if _jumped(course, first, now):
        return None
    return next((found for rule in RULES if (found := rule(course, first, now)) is not None), None)


def _jumped(course: Course, first: Reading, now: Reading) -> bool:
    """Whether the loss is far above the first one in this reading alone.

    The averages of a batch norm are far off after a first epoch, and settle, in a deep network over several
    readings, each less than half of the one before; what explodes is there again at the next reading, or has
    diverged.
    """
    before = course.recent[-2]
    alone = before.step == first.step or before.train_loss <= first.train_loss
    settles = now.train_loss < before.train_loss / 2
    return (alone or settles) and now.train_loss >= EXPLODED * first.train_loss


def divergence(course: Course, error: Diverged) -> Finding:
    """The finding of a training that has diverged."""
    step, node = error.step, error.node
    detail = (
        f"At step {step:,} the {error.quantity} of {spoken(node)} stopped being a finite number. "
        "Each step makes the next one larger: the steps are too long, or the gradients too large."
    )
    evidence = []
    if course.first is not None and course.recent[-1].train_loss > course.first.train_loss:
        now = course.recent[-1]
        growth = now.train_loss / max(course.first.train_loss, 1e-30)
        evidence.append(
            Evidence(f"training loss at step {now.step:,}, times the first", growth, ">", EXPLODED)
        )
    return Finding("exploding", step, node, detail, tuple(evidence))


def _exploding(course: Course, first: Reading, now: Reading) -> Finding | None:
    growth = now.train_loss / max(first.train_loss, 1e-30)
    if growth < EXPLODED:
        return None
    detail = (
        f"The training loss is {growth:.3g} times what it was at step {first.step:,}: each step "
        "goes further than the last one."
    )
    return Finding(
        "exploding",
        now.step,
        None,
        detail,
        (Evidence("training loss, times the first", growth, ">", EXPLODED),),
    )


def _dead_units(course: Course, first: Reading, now: Reading) -> Finding | None:
    found = {
        name: each
        for name, each in now.dead.items()
        if each.share == 1 or (each.units >= FEW_UNITS and each.share > DEAD)
    }
    if not found:
        return None
    worst = max(found, key=lambda name: found[name].share)
    dead, units = found[worst]
    detail = (
        f"Of the {units} units of {spoken(worst)}, {dead} are flat for every sample that was looked at: "
        "no gradient passes them, and they cannot come back by themselves."
    )
    shares = [
        Evidence(f"share of dead units in {spoken(name)}", each.share, ">", DEAD)
        for name, each in found.items()
    ]
    return Finding("dead_units", now.step, worst, detail, tuple(shares))


def _vanishing(course: Course, first: Reading, now: Reading) -> Finding | None:
    flows = [reading.gradients for reading in course.recent if len(reading.gradients) > 1]
    if len(flows) < 3 or not _is_unlearnt(course, first):
        return None
    *below, last = flows[-1]
    shares = {layer: _share(flows, layer, last) for layer in below}
    least = min(below, key=lambda layer: shares[layer])
    if not 0 < shares[least] < VANISHED:
        return None
    detail = (
        f"On its way down from {spoken(last)} the gradient shrinks to {shares[least]:.1e} of its size at "
        f"{spoken(least)}: the layers near the input hardly change, and the loss does not fall."
    )
    flow = Evidence(f"gradient of {spoken(least)} ÷ gradient of {spoken(last)}", shares[least], "<", VANISHED)
    return Finding("vanishing", now.step, least, detail, (flow, _unlearnt(course, first)))


def _share(flows: list[dict[str, float]], layer: str, last: str) -> float:
    """The median of a layer's gradient as a share of the last layer's; 0 where there is none."""
    found = [flow[layer] / flow[last] for flow in flows if flow[last] > 0]
    return median(found) if found else 0.0


def _stalled(course: Course, first: Reading, now: Reading) -> Finding | None:
    patient = course.count > PATIENCE and now.step - first.step >= PATIENT_STEPS
    # Of a training that is taken up in its middle, the loss may have fallen before.
    if not patient or first.step > 0 or not _is_unlearnt(course, first):
        return None
    still = [layer for layer, norm in now.gradients.items() if norm == 0]
    node = still[0] if still else None
    why = (
        f" No gradient at all reaches {spoken(node)}: its units are all alike, or nothing passes them."
        if node
        else ""
    )
    detail = (
        f"After {now.step:,} steps the training loss is still {now.train_loss:.3g}, as at the start.{why}"
    )
    return Finding("stalled", now.step, node, detail, (_unlearnt(course, first),))


def _overfitting(course: Course, first: Reading, now: Reading) -> Finding | None:
    best = course.best
    if best is None or len(course.recent) < RECENT or any(r.step <= best.step for r in course.recent):
        return None
    # Not of one reading alone: it may be a bad one.
    risen = min(reading.judged_loss for reading in course.recent)
    if not (now.train_loss < best.train_loss and now.train_loss < risen / 2):
        return None
    of = now.judged.partition("_")[0]
    evidence = _risen_loss(first, best, risen, of) or _fallen_accuracy(course, now, of)
    if not evidence:
        return None
    detail = (
        f"Since step {best.step:,} the {of} loss rises, from {best.judged_loss:.3g} to "
        f"{now.judged_loss:.3g}, while the training loss falls to {now.train_loss:.2g}: "
        "it learns its samples by heart."
    )
    learns = Evidence(f"training loss ÷ {of} loss", now.train_loss / risen, "<", 0.5)
    return Finding("overfitting", now.step, None, detail, (*evidence, learns))


def _risen_loss(first: Reading, best: Reading, risen: float, of: str) -> list[Evidence]:
    """The numbers by which the loss of new samples has risen; empty where it has not, or not enough."""
    times = risen / max(best.judged_loss, 1e-30)
    rise = (risen - best.judged_loss) / max(first.judged_loss, 1e-30)
    if times < RISEN or rise < RISEN_BY:
        return []
    return [
        Evidence(f"{of} loss, times its least", times, ">", RISEN),
        Evidence("rise of the loss, as a share of the first", rise, ">", RISEN_BY),
    ]


def _fallen_accuracy(course: Course, now: Reading, of: str) -> list[Evidence]:
    """The numbers by which the accuracy of new samples has fallen; empty where none, or too few to tell."""
    new, seen = now.judged_accuracy, now.metrics.get("train_accuracy")
    if new is None or seen is None:
        return []
    held, recent = course.held_accuracy, max(each.judged_accuracy or 0.0 for each in course.recent)
    error = ((held * (1 - held) + recent * (1 - recent)) / max(now.samples, 1)) ** 0.5
    errors = (held - recent) / max(error, 1e-30)
    if seen - new < APART or errors <= SURE:
        return []
    return [
        Evidence(f"fall of the {of} accuracy, in standard errors", errors, ">", SURE),
        Evidence(f"training accuracy − {of} accuracy", seen - new, ">", APART),
    ]


def _is_unlearnt(course: Course, first: Reading) -> bool:
    return course.least > UNLEARNT * first.train_loss


def _unlearnt(course: Course, first: Reading) -> Evidence:
    share = course.least / max(first.train_loss, 1e-30)
    return Evidence("least training loss ÷ the first", share, ">", UNLEARNT)


#: The gravest first: what comes later may follow from what comes earlier.
RULES: tuple[Rule, ...] = (_exploding, _dead_units, _vanishing, _stalled, _overfitting)
