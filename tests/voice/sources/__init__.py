"""Tests of where recordings come from."""
