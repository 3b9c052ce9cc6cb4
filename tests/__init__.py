"""Tests mirror adapter/, room by room."""
