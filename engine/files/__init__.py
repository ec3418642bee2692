"""Files: blobs, downloads, image files and their contents, and atomic writes."""
