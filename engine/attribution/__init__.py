"""Attribution: what in an image made the network say what it says.

Pure functions over tensors and networks. None of them changes a weight, a mode or a buffer; what they
hang on autograd's nodes hangs on a graph of their own and goes with it.

    rules.py            what happens to a signal on its way down through a ReLU: gradient, deconvnet, guided
    view.py             a network up to a node, with the downward way of normalisations chosen
    projection.py       feature maps sent down to the input, many in one pass
    top_activations.py  which images excite a feature map most, kept up to date bit by bit
    input_regions.py    from a place in a feature map to a box in the image
    gradients.py        saliency, guided backprop, integrated gradients, SmoothGrad, Grad-CAM for a score
    occlusion.py        a grey square that slides; `sliding_occlusion.py` is one under way
    methods.py          all of them by name, on a trainer's network
    applicability.py    which of them a network allows, and in what words the others are refused
"""
