"""A message said in other words before it is answered: corrected, completed, or spelt as it was meant."""
