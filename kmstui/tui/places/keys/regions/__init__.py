"""Multi-Region keys: the copies of a key in each Region, and what is done with them."""
