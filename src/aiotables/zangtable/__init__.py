"""The ZangTable client, its models and its operations."""
