"""From a report to what should be true on GitHub. Pure: no network, no clock."""
