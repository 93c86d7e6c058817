"""The declarative world: YAML files and the strict models that read them."""
