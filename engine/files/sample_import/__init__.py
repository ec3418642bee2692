"""Import of uploaded sounds and volumes: ZIPs of files converted to one blob of samples of one shape.

As pictures are, they are imported by a separate process (`python -m glassnet.engine.files.sample_import`)
with bounded memory and time, which does not import torch.
"""
