"""The live side: sources, codec, the Bytewax dataflow and the store."""
