"""Data sets of uploaded pictures: with a class, a mask, or boxes."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.files.image_import.targets import Targets
from glassnet.engine.items.datasets.labelled import Labelled
from glassnet.engine.items.datasets.own_pictures import OwnPictures
from glassnet.engine.items.datasets.uploaded import ClassNames
from glassnet.engine.items.targets import Family


class OwnImages(OwnPictures, Labelled):
    """Own pictures: uploaded as a ZIP with a folder for each class, as NPZ, IDX or CIFAR files.

    They are stored in one size as a blob that the experiment refers to; the options repeat the blob's
    description, and are compared with it before it is used.
    """

    kind: Literal["own_images"] = "own_images"
    held: ClassVar[Targets] = "class"
    guide: ClassVar[Guide | None] = Guide(
        pros=("What is learned matters to its owner.",),
        cons=(
            "Few pictures overfit quickly: use augmentation.",
            "What distinguishes classes may be the background.",
        ),
        use="For pictures of one's own, in folders by class.",
        example=Example(
            (
                "Under Data choose Own pictures and give a ZIP with a folder for each class; the "
                "network stays."
            ),
            preset="digits",
        ),
    )


class OwnMasks(OwnPictures):
    """Own pictures with masks: uploaded as a ZIP with a folder of pictures and a folder of their masks.

    A mask is a picture of the same size whose values are the classes of the pixels: greys or the indices of
    a palette from 0; 255 is no class, and neither trained nor measured. Stored as own pictures are.
    """

    kind: Literal["own_masks"] = "own_masks"
    held: ClassVar[Targets] = "masks"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Each picture tells the class of thousands of pixels: a few dozen pictures go far.",
            "Pixels that are hard to tell are left out: 255.",
        ),
        cons=(
            "Drawing masks takes minutes a picture.",
            "Outlines are as exact as the hand that drew them.",
        ),
        use="For pictures of one's own of which every pixel is to be told.",
        example=Example(
            "Under Data choose Own pictures with masks and give a ZIP with the folders images and masks.",
            preset="shapes-segmentation",
        ),
        mistakes=(
            Mistake(
                "A mask may be saved as a JPEG.",
                "JPEG changes values, and so makes classes of edges that were never drawn: use PNG.",
            ),
        ),
    )
    names: ClassNames = option(
        ["ground", "object"], "The classes, in the order of their values.", min_length=2, max_length=255
    )

    @property
    def family(self) -> Family:
        return "masks"


class OwnBoxes(OwnPictures):
    """Own pictures with boxes: uploaded as a ZIP of pictures with COCO's JSON or YOLO's text, or drawn here.

    Boxes move with the picture as it is cut or stretched to its size; what falls out of it is left out.
    Stored as own pictures are, boxes as left, top, right, bottom in pixels and class, padded with −1.
    """

    kind: Literal["own_boxes"] = "own_boxes"
    held: ClassVar[Targets] = "boxes"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "A box is drawn in seconds, a mask in minutes.",
            "Pictures without a box teach where to be silent.",
        ),
        cons=("Small objects vanish where pictures become small: black bars and a larger size keep them.",),
        use="For pictures of one's own in which things are to be found.",
        example=Example(
            "Under Data choose Own pictures with boxes, and draw boxes or give a ZIP.",
            preset="shapes-detection",
        ),
        mistakes=(
            Mistake(
                "Objects that are hard to see may go without a box.",
                "What has no box is ground: the detector is punished for finding it.",
            ),
        ),
    )
    names: ClassNames = option(
        ["object"], "The classes, in the order of their numbers.", min_length=1, max_length=1000
    )

    @property
    def family(self) -> Family:
        return "boxes"
