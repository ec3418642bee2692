"""The server: sockets, connections, protocols, and the process around the application."""
