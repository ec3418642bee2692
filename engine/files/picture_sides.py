"""How small and how large own pictures may be."""

#: The bounds of a picture's side, in pixels.
LEAST, MOST = 8, 1024
