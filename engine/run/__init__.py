"""A run: a session that trains, is edited and watched, and what it leaves on disk."""
