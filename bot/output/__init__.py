"""How a report is shown: text for people, JSON, SARIF, and GitHub's workflow commands."""
