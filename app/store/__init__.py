"""Storage of the service besides the run directories: blobs, downloads, quotas."""
