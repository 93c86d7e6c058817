"""The answer of an experiment as people read it: words, pictures, one page."""
