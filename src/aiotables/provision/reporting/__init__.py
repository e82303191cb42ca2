"""How a run went: sums out of the journal, as JSON, Markdown or one HTML page."""
