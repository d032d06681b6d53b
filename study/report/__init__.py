"""The report: one HTML file of everything that a run made."""
