"""Local response normalisation."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.layers import Layer, shape_text
from glassnet.engine.items.node import Context, Role


class LocalResponseNorm(Layer):
    """Local response norm: each number is divided by how strongly its neighbouring channels respond.

    b = a / (k + α Σ a²)^β, the sum over n channels around its own at the same place: channels compete.
    The defaults are AlexNet's. α multiplies the sum, as in the paper; torch's module and Caffe's layer
    multiply the mean, so theirs is n times as large. AlexNet used this, not batch norm, which came three
    years later. Shapes: unchanged. Krizhevsky et al. 2012, section 3.3.
    """

    kind: Literal["local_response_norm"] = "local_response_norm"
    role: ClassVar[Role | None] = "local_normalization"
    takes: ClassVar[tuple[int, ...] | None] = (1, 2, 3)
    keeps_units: ClassVar[bool] = True
    guide: ClassVar[Guide | None] = Guide(
        pros=("Strong neighbours silence weak ones: channels compete.",),
        cons=("Slow for what it brings; batch norm took its place.",),
        use="To reproduce AlexNet.",
        example=Example(
            "Maps become more different from each other.",
        ),
        mistakes=(
            Mistake(
                "AlexNet used batch norm.",
                "It used this; batch norm came three years later.",
            ),
        ),
        tex=(r"b_c = \frac{a_c}{\left(k + \alpha \sum_{c'} a_{c'}^2\right)^\beta}",),
    )
    size: int = option(5, "n, how many channels compete.", ge=1, le=1024)
    alpha: float = option(1e-4, "α, how strongly they do.", gt=0, le=100, log=True)
    beta: float = option(0.75, "β, the power that the sum is taken to.", gt=0, le=10)
    k: float = option(2.0, "k, what the sum begins with.", ge=0.01, le=100)

    def call(self, context: Context) -> Call:
        if not 2 <= len(context.shape) <= 4:
            raise ValueError(f"{shape_text(context.shape)} arrives; expected channels × one to three sizes")
        return Call(
            "torch.nn.LocalResponseNorm", self.size, alpha=self.alpha * self.size, beta=self.beta, k=self.k
        )
