"""Readers: from a file to a model."""
