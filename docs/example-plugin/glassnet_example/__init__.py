"""Items that Glassnet finds by the entry point `glassnet.items`: each module here defines one."""
