"""Exercises of the book: their checks."""
