"""A stand-in for boto3: no client without a region."""

import os

BUILT = []


class NoRegionError(Exception):
    pass


class Table:
    def __init__(self, owner, name):
        self.owner, self.name = owner, name
        BUILT.append(self)

    def get_item(self, key):
        return f"{self.name}/{key}"


class _Client:
    def __init__(self, service, region):
        self.service, self.region = service, region
        BUILT.append(self)

    def Table(self, name):
        return Table(self, name)

    def upload_file(self, name):
        return f"{self.service}:{self.region}:{name}"


def client(service, region_name=None, **options):
    region = region_name or os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        raise NoRegionError("You must specify a region.")
    return _Client(service, region)


resource = client


class Session:
    def client(self, service, **options):
        return client(service, **options)

    resource = client
