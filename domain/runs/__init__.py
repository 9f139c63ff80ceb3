"""Runs: their steps, their time limits, who carries them out."""
