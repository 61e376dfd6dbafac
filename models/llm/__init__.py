"""Language models. This file makes Python take this folder before an installed package of the same name."""
