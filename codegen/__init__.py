"""From OpenAPI fragments to code: lint, models, operations. Used in the repository only, never installed."""

import os


# Where a faster validator is installed, for whatever else, it would be taken; but it does not tell where a fault is.
os.environ["OPENAPI_SPEC_VALIDATOR_SCHEMA_VALIDATOR_BACKEND"] = "jsonschema"
