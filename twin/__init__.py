"""The simulated side: the chain's parts, disruptions and experiments on SimPy."""
