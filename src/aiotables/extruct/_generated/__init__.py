# Generated from openapi/extruct. Do not edit: run `make generate`.
"""What is generated of the fragments of extruct."""
