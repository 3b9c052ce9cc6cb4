"""Tools that a developer runs: they make files of the repository and are no part of the product."""
