"""What every part of the service uses: settings, problems, log, metrics, background tasks."""
