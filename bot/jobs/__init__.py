"""One piece of work, carried out: from a branch's tip to what is published about it."""
