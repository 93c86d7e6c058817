"""The demo: the twin plays an incident through the live dataflow while a person looks on."""
