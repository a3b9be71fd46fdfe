"""How rules are run: source files, names across modules, findings, edits, verification, suppression."""
