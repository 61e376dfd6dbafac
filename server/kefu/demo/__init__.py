"""The sample shop 砚木数码: invented, in the format of the importers, shared by demo, evaluation and tests."""
