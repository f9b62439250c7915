"""Functional networks: numerics, studies and publishing."""
