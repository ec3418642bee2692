"""Pictures of the gallery: each example trained by the engine, and drawn from what its probes then show."""
