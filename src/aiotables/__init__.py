"""Async client for Extruct AI and ZangTable, and a bulk table provisioner."""
