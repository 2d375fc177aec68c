"""``make bench``: what the pages people wait for cost, each beside the least it could cost on the same machine in the same minute."""
