"""Bytes on disk: blobs, downloads, image files and what they hold, written whole or not at all."""
