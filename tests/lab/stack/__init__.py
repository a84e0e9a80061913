"""The lab's own side: starts, checks and takes down a private Mission Control."""
