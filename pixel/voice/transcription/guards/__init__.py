"""Guards against words that nobody said. They look at signs, one a file, and at no list of phrases."""
