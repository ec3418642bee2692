"""The server's socket: connections, protocols, and the process around the application."""
