"""A stand-in for pymongo: an address that is missing is refused."""

BUILT = []


class _Collection:
    def __init__(self, name):
        self.name = name

    def find_one(self, query):
        return {"from": self.name, **query}


class _Database:
    def __init__(self, name):
        self.name = name

    def __getitem__(self, name):
        return _Collection(f"{self.name}.{name}")

    def __getattr__(self, name):
        return self[name]


class MongoClient:
    def __init__(self, uri=None):
        if not uri:
            raise ValueError("no address")
        self.uri, self.closed = uri, False
        BUILT.append(self)

    def __getitem__(self, name):
        return _Database(name)

    def get_database(self, name):
        return _Database(name)

    def close(self):
        self.closed = True
