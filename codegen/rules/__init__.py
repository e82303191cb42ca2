"""The rules of `codegen.lint`, a file for each subject; each has a `check` that tells the problems it finds."""
