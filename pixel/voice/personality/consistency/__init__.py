"""How steady a voice is: across samples, over time, in clusters, and in what is said in its name."""
