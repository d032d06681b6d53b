"""A researcher's own method beside the reference run: compared, scored from images, handed in as a record."""
