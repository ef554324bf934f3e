"""Renderers: from plain data to text."""
