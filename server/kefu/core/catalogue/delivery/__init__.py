"""When goods arrive, where they cannot go, and what a delivery table leaves open."""
