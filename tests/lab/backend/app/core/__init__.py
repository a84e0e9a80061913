"""Settings, logging, errors and authentication."""
