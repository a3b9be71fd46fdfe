"""From a snapshot and some rules to a report: in parallel, remembered from run to run."""
