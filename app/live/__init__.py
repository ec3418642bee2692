"""Live connections: WebSockets to a run or to a lab."""
