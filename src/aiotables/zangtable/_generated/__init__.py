# Generated from openapi/zangtable. Do not edit: run `make generate`.
"""What is generated of the fragments of zangtable."""
