"""The runtime under both clients; knows no service."""
