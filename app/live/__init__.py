"""Live connections: a viewer's to a run, and a lab's."""
