"""Looking into a network: pure functions that never change it."""

from tlcourse.inside.network import Layer, Network, open_network

__all__ = ["Layer", "Network", "open_network"]
