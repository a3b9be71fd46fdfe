"""A stand-in for GitHub: HTTP on 127.0.0.1, over real bare git repositories.

The pytest fixture is ``tests.github.fixtures.github``; outside of pytest the same is a context manager::

    with StandIn() as github:
        github.app(1, private_key_pem, "webhook secret", "patchwright")
        repo = github.create_repository("acme/shop", {"app.py": b"a = 1", "run.sh": Executable(b"#!/bin/sh")})
        installation = github.install("acme")               # sends `installation` to github.webhook_url
        repo.push("main", {"app.py": b"a = 2"})             # a commit, and a signed `push`
        ...                                                 # the App works through github.api_url
        repo.pull(1).merge()                                # a real merge commit, `pull_request` and `push`

What was asked and answered is in ``github.exchanges``, what was sent in ``github.deliveries``; time passes with
``github.clock.advance(seconds)``; ``github.faults`` has what can go wrong. ``git push`` works with ``repo.git_url``.
The endpoints are in ``rest``, their answers' shapes in ``shapes``; ``description`` holds both against GitHub's own
description. Reviews, reactions, teams, forks across repositories and protected branches are not there.
"""
