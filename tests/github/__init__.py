"""A stand-in for GitHub: HTTP on 127.0.0.1, over real bare git repositories.

The pytest fixture is ``tests.github.fixtures.github``; outside of pytest the same is a context manager::

    with StandIn() as github:
        github.app(1, private_key_pem, "webhook secret", "patchwright")
        repo = github.create_repository("acme/shop", {"app.py": b"a = 1", "run.sh": Executable(b"#!/bin/sh")})
        installation = github.install("acme")               # sends `installation` to github.webhook_url
        repo.push("main", {"app.py": b"a = 2"})             # a commit, and a signed `push`
        ...                                                 # the App works through github.api_url
        repo.pull(1).merge()                                # a real merge commit, `pull_request` and `push`

    fork = repo.forked("stranger")                      # a repository of its own
    fork.commit({"app.py": b"a = 3"}, branch="fix")
    pull = repo.open_pull("fix", fork=fork, by="stranger", draft=True)
    pull.ready(by="stranger"); pull.push({"app.py": b"a = 4"}, by="stranger")      # `synchronize`
    pull.comment("/patchwright fix"); repo.collaborator("ann", "maintain")
    pull.review("", [{"path": "app.py", "line": 1, "body": "Hm."}], by="ann")      # pull.threads, pull.review_comments()
    pull.threads[0].reply("Why?"); pull.threads[0].resolve(by="ann")
    pull.apply_suggestion(pull.review_comments()[-1], by="stranger")               # committed to the head branch
    repo.press(repo.check_runs()[-1], "apply", by="ann"); repo.rerequest(repo.check_runs()[-1])
    repo.rerequest_suite(pull.head_sha); group = repo.merge_group(pull)

A person signs in through ``{github.url}/login/oauth/authorize``, as ``github.sign_ins.person`` or as the cookie
``dotcom_user`` says, and sees what ``repo.collaborator`` gave them; an App is made from a manifest at
``{github.url}/settings/apps/new`` and installed at ``{github.url}/apps/SLUG/installations/new``: pages in ``web``.

What was asked and answered is in ``github.exchanges``, what was sent in ``github.deliveries``; time passes with
``github.clock.advance(seconds)``; ``github.faults`` has what can go wrong. ``git push`` works with ``repo.git_url``.
The endpoints are in ``rest``, their answers' shapes in ``shapes``; ``description`` holds both against GitHub's own
description. Teams and protected branches are not there; of GraphQL only pull requests' threads and comments, what
changes them, and ``updateRefs``.
"""
