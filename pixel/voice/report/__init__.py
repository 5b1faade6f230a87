"""What came out of the recordings, on one page: quality, coverage, consistency, clusters, drift, guards."""
