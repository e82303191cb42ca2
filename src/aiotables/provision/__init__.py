"""Provisioning: from a manifest to tables that exist, each exactly once."""
