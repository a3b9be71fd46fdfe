"""A stand-in for the openai package: the same refusal without a key, nothing else."""

import os

BUILT = []


class OpenAIError(Exception):
    pass


class _Completions:
    def __init__(self, owner):
        self.owner = owner

    def create(self, **arguments):
        return f"{self.owner.api_key}: {arguments.get('model', '')}"


class _Chat:
    def __init__(self, owner):
        self.completions = _Completions(owner)


class OpenAI:
    def __init__(self, api_key=None, base_url=None, **options):
        key = api_key or os.environ.get("OPENAI_API_KEY")
        if not key:
            raise OpenAIError("The api_key client option must be set")
        self.api_key, self.base_url, self.options = key, base_url, options
        self.max_retries = options.get("max_retries", 2)
        self.closed = False
        self.chat = _Chat(self)
        BUILT.append(self)

    def close(self):
        self.closed = True


class AsyncOpenAI(OpenAI):
    async def close(self):
        self.closed = True


class AzureOpenAI(OpenAI):
    pass
