"""From OpenAPI fragments to code: lint, models, operations. Used in the repository only, never installed."""
