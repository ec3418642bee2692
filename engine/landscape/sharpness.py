"""Sharpness: the largest eigenvalue of the loss's Hessian.

Plain gradient descent with rate η is stable along a direction only where the second derivative is below
2/η; training at a constant rate tends to go up to that edge and stay there (Cohen et al. 2021, "Gradient
descent on neural networks typically occurs at the edge of stability").
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from glassnet.engine.items.optimizers import Optimizer
from glassnet.engine.landscape.objective import Objective

#: A function that multiplies a matrix by a vector (size,).
Product = Callable[[Tensor], Tensor]


class Hessian:
    """The Hessian of an objective at its current parameters, as products with vectors."""

    def __init__(self, loss: Callable[[], Tensor], parameters: Sequence[Tensor]) -> None:
        """Run one forward and one backward pass, which all products share."""
        self._parameters = list(parameters)
        with torch.enable_grad():
            gradients = torch.autograd.grad(
                loss(), self._parameters, create_graph=True, allow_unused=True, materialize_grads=True
            )
            self._gradient = torch.cat([gradient.reshape(-1) for gradient in gradients])
        self.size = len(self._gradient)

    @classmethod
    def of(cls, objective: Objective) -> Hessian:
        """The Hessian by all parameters of the objective's network."""
        return cls(objective.value, list(objective.network.parameters()))

    def __call__(self, vector: Tensor) -> Tensor:
        """H v: the derivative of gᵀv (Pearlmutter 1994)."""
        if not self._gradient.requires_grad:  # the loss is linear, or does not depend on the parameters
            return torch.zeros_like(vector)
        parts = torch.autograd.grad(
            self._gradient,
            self._parameters,
            vector,
            retain_graph=True,
            allow_unused=True,
            materialize_grads=True,
        )
        return torch.cat([part.reshape(-1) for part in parts])


def largest_eigenvalue(
    product: Product, start: Tensor, iterations: int, tolerance: float = 1e-4
) -> tuple[float, Tensor, int]:
    """The largest eigenvalue of a symmetric matrix, a unit eigenvector, and the number of products.

    Lanczos with full reorthogonalisation from `start` (size,): the best value in the Krylov space, never
    above the true one; it stops early where the value is known to the relative `tolerance`. Power iteration
    would find the eigenvalue of largest magnitude; this finds the largest, the upward curvature. NaN, and
    the start itself, where a product is not finite.
    Golub & Van Loan, section 10.1.
    """
    basis = [start / start.norm().clamp_min(torch.finfo(start.dtype).tiny)]
    diagonal: list[float] = []
    beside: list[float] = []
    value, weights = 0.0, torch.ones(1, dtype=torch.float64)
    for _ in range(min(iterations, len(start))):
        following = product(basis[-1])
        diagonal.append(float(following @ basis[-1]))
        for _ in range(2):  # two passes keep the basis orthogonal
            span = torch.stack(basis)
            following = following - span.t() @ (span @ following)
        rest = float(following.norm())
        if not math.isfinite(diagonal[-1] + rest):  # at weights that are not finite
            return math.nan, start, len(diagonal)
        values, vectors = torch.linalg.eigh(_tridiagonal(diagonal, beside))
        value, weights = float(values[-1]), vectors[:, -1]
        # The residual bounds the error of the value (section 10.1.3).
        size = max(abs(float(values[0])), abs(value), 1e-30)
        if rest <= 1e-6 * size or rest * abs(float(weights[-1])) <= tolerance * size:
            break
        beside.append(rest)
        basis.append(following / rest)
    vector = torch.stack(basis[: len(weights)]).t() @ weights.to(start)
    return value, vector / vector.norm().clamp_min(torch.finfo(start.dtype).tiny), len(diagonal)


def _tridiagonal(diagonal: list[float], beside: list[float]) -> Tensor:
    matrix = torch.diag(torch.tensor(diagonal, dtype=torch.float64))
    if beside:
        off = torch.tensor(beside[: len(diagonal) - 1], dtype=torch.float64)
        matrix += torch.diag(off, 1) + torch.diag(off, -1)
    return matrix


def edge_of_stability(optimizer: Optimizer, rate: float) -> float:
    """The sharpness above which gradient descent at this rate diverges on a quadratic; NaN if unknown.

    For an optimizer that rescales gradients, the edge is one of the preconditioned Hessian instead.
    """
    return optimizer.stability_edge(rate)
