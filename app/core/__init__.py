"""Common parts of the service: settings, problems, log, metrics, background tasks."""
