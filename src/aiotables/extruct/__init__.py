"""The Extruct client, its models and its operations."""
