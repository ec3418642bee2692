"""What every item of every catalogue promises, checked one item at a time: Glassnet's own, and plug-ins'."""
