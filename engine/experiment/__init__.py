"""The experiment as a document: how it is read, checked, edited, and what older ones mean."""
