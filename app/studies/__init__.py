"""Studies: jobs of runs and labs, and the workers that compute them."""
