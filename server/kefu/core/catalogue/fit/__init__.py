"""Which goods fit which device, by the shop's own pairs and rules."""
