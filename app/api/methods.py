"""The methods of looking into a network, each explained by a page: `templates/methods/NAME.html`."""

from __future__ import annotations

from typing import NamedTuple


class Method(NamedTuple):
    """A method with a page that explains it."""

    name: str
    title: str
    words: str
    #: Whether the page shows the rule at a ReLU on editable numbers.
    rule: bool = False

    @property
    def path(self) -> str:
        return f"/methods/{self.name}"


METHODS = {
    method.name: method
    for method in (
        Method(
            "deconvnet",
            "Deconvnet",
            "What in a picture excites a feature map: one activation, sent back down to the pixels.",
            rule=True,
        ),
        Method(
            "guided",
            "Guided backprop",
            "The gradient of a class's score, rectified at each ReLU on its way down.",
            rule=True,
        ),
        Method(
            "saliency",
            "Saliency",
            "How much a class's score would change if a pixel did: the size of the gradient.",
            rule=True,
        ),
        Method(
            "grad-cam",
            "Grad-CAM",
            "Where in the picture the last feature maps speak for a class.",
        ),
        Method(
            "integrated-gradients",
            "Integrated gradients",
            "The gradient's mean on the way from a black picture to this one, times how far each pixel came.",
        ),
        Method(
            "smooth-grad",
            "SmoothGrad",
            "The gradient's mean over noisy copies of the picture.",
        ),
        Method(
            "occlusion",
            "Occlusion",
            "A grey square slides over the picture; where the class falls, the network was looking.",
        ),
        Method(
            "sanity-check",
            "Randomise weights",
            "The network forgets layer by layer; a map that stays the same explains nothing it had learned.",
        ),
    )
}
