"""SiLU."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context


class SiLU(Activation):
    """SiLU: x times its own sigmoid, a smooth rectifier with a dip below zero; also called swish.

    Elfwing et al. 2017; Ramachandran et al. 2017.
    """

    kind: Literal["silu"] = "silu"
    formula: ClassVar[str] = "f(x) = x σ(x)"
    derivative: ClassVar[str] = "f′(x) = f(x) + σ(x) (1 − f(x))"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Smooth and almost as cheap as a sigmoid.",
            "Negative sums keep a gradient.",
        ),
        cons=(
            "Not monotone: it dips to about −0.28 near x = −1.28.",
            "Dearer than ReLU.",
        ),
        use="In deep convolutional networks, as EfficientNet; also called swish.",
        example=Example(
            "The boundary bends smoothly; compare it with ReLU's corners.",
            preset="circle",
        ),
        tex=(
            r"f(x) = x\,\sigma(x)",
            r"f'(x) = f(x) + \sigma(x)\,(1 - f(x))",
        ),
        domain="(−∞, ∞)",
        codomain="[−0.279, ∞)",
        monotone=False,
    )

    def call(self, context: Context) -> Call:
        return Call("torch.nn.SiLU")


class Mish(Activation):
    """Mish: x times the tanh of its softplus, a smooth rectifier with a dip below zero.

    ς is the softplus, σ the sigmoid. Misra 2019.
    """

    kind: Literal["mish"] = "mish"
    formula: ClassVar[str] = "f(x) = x tanh ς(x)"
    derivative: ClassVar[str] = "f′(x) = tanh ς(x) + x σ(x) (1 − tanh² ς(x))"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Smooth, with a gradient on both sides of 0.",),
        cons=(
            "Dearer than SiLU, and seldom better by more than chance.",
            "Not monotone.",
        ),
        use="Where SiLU would do; in some detectors (YOLO v4).",
        example=Example(
            "Hardly to be told from SiLU on this task: run both with the same seed.",
            preset="circle",
        ),
        tex=(
            r"f(x) = x \tanh(\varsigma(x)), \quad \varsigma(x) = \ln(1 + e^x)",
            r"f'(x) = \tanh \varsigma(x) + x\,\sigma(x)\left(1 - \tanh^2 \varsigma(x)\right)",
        ),
        domain="(−∞, ∞)",
        codomain="[−0.309, ∞)",
        monotone=False,
    )

    def call(self, context: Context) -> Call:
        return Call("torch.nn.Mish")


class HardSwish(Activation):
    """Hard swish: x times a ramp in place of the sigmoid, a swish of straight pieces and a parabola.

    Howard et al. 2019 (MobileNet v3), section 5.2.
    """

    kind: Literal["hard_swish"] = "hard_swish"
    formula: ClassVar[str] = "f(x) = x · min(max(0, x + 3), 6) / 6"
    derivative: ClassVar[str] = "f′(x) = 0 for x ≤ −3, 1 for x ≥ 3, else (2x + 3) / 6"
    guide: ClassVar[Guide | None] = Guide(
        pros=("A swish without exponentials: cheap in low precision.",),
        cons=(
            "Flat below −3: a unit can die there.",
            "Not monotone.",
        ),
        use="In networks meant for phones, as MobileNet v3.",
        example=Example(
            "It learns as SiLU does, whose curve it follows piece by piece.",
            preset="circle",
        ),
        tex=(
            r"f(x) = x \cdot \frac{\min(\max(0, x + 3), 6)}{6}",
            (
                r"f'(x) = \begin{cases} 0 & \text{for } x \le -3 \\ 1 & \text{for } x \ge 3 \\ \frac{2x "
                r"+ 3}{6} & \text{else} \end{cases}"
            ),
        ),
        domain="(−∞, ∞)",
        codomain="[−0.375, ∞)",
        monotone=False,
    )

    def call(self, context: Context) -> Call:
        return Call("torch.nn.Hardswish")
