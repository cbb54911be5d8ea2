"""Told by hand: what an officer said by telephone, in a group of WeChat or at a door, so that the proof is whole."""
