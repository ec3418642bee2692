"""Attribution: which parts of a sample a network's output depends on.

A sample is a signal, an image, or a volume or clip: all is written for any number of axes from one to three,
(batch, channels, …).

Pure functions over tensors and networks. None of them changes a weight, a mode or a buffer; their hooks on
autograd's nodes belong to a graph of their own and are freed with it.

    rules.py            backward rules of a ReLU: gradient, deconvnet, guided backprop
    view.py             a network up to a node, with a backward rule for local normalisations
    projection.py       feature maps projected to the input, many in one pass
    top_activations.py  the images with the strongest activations of each feature map, updated incrementally
    input_regions.py    from a position in a feature map to a box in the sample
    gradients.py        saliency, guided backprop, integrated gradients, SmoothGrad, Grad-CAM for a score
    occlusion.py        a grey square that slides; `sliding_occlusion.py` is its incremental computation
    methods.py          all of them by name, on a trainer's network
    applicability.py    the methods that a network allows, and the errors of the others
"""
