"""From words to goods: names, kinds, brands, values and what customers call them."""
