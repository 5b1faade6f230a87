"""Many recordings through worker processes: resumable, sharded, and no bad file stops the others."""
