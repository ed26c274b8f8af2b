"""Uses entity store, deployments and inference through an installed nemo-microservices; stops at the first surprise.

NEMO_URL and NIM_URL name an empty platform; MODE says which client asks it: `synchronous` or `asynchronous`, and after
a space `strict` when an answer that does not fit the SDK's types is to be an error.
"""

import asyncio
import inspect
import os
import time
from importlib.metadata import version

from nemo_microservices import AsyncNeMoMicroservices, ConflictError, NeMoMicroservices, NotFoundError
from nemo_microservices import InternalServerError, UnprocessableEntityError

URLS = {"base_url": os.environ["NEMO_URL"], "inference_base_url": os.environ["NIM_URL"]}
MODE = os.environ["MODE"].split()
STRICT = "strict" in MODE
loop = asyncio.new_event_loop()


class Waiting:
    """An asynchronous client, resource or method that is used like a synchronous one."""

    def __init__(self, inner):
        self.inner = inner

    def __getattr__(self, name):
        return Waiting(getattr(self.inner, name))

    def __call__(self, *args, **kwargs):
        answer = self.inner(*args, **kwargs)
        if hasattr(answer, "__aiter__"):
            return Pages(answer)
        assert inspect.isawaitable(answer), f"{self.inner} is not asynchronous"
        answer = loop.run_until_complete(answer)
        return collected(answer) if kwargs.get("stream") else answer


class Pages:
    """What an asynchronous list answers: its first page, or what is on all of them."""

    def __init__(self, pages):
        self.pages = pages

    def __iter__(self):
        return iter(collected(self.pages))

    @property
    def data(self):
        async def first():
            return await self.pages

        return loop.run_until_complete(first()).data


def collected(items):
    async def collect():
        return [item async for item in items]

    return loop.run_until_complete(collect())


if "asynchronous" in MODE:
    client = Waiting(AsyncNeMoMicroservices(**URLS, _strict_response_validation=STRICT))
else:
    client = NeMoMicroservices(**URLS, _strict_response_validation=STRICT)
VERSION = version("nemo-microservices")

CONFIG = {
    "model": "meta/tiny-3b",
    "nim_deployment": {"gpu": 1, "image_name": "nvcr.io/nim/meta/tiny-3b", "image_tag": "1.8.3"},
}
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def refused(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as refusal:
        return refusal
    raise AssertionError(f"{args}{kwargs} was not refused with {error.__name__}")


def entities():
    assert client.namespaces.create(id="team", description="ours").id == "team"
    assert "already exists" in str(refused(ConflictError, client.namespaces.create, id="team"))
    assert client.namespaces.retrieve("team").created_at is not None
    assert client.namespaces.update("team", description="changed").description == "changed"
    assert "team" in [one.id for one in client.namespaces.list()]
    for name in ["a", "b", "c"]:
        client.projects.create(name=name, namespace="team")
    assert [one.name for one in client.projects.list(page_size=2, sort="name")] == ["a", "b", "c"]
    client.projects.update("a", namespace="team", description="first")
    assert client.projects.retrieve("a", namespace="team").description == "first"
    client.projects.delete("c", namespace="team")
    refused(NotFoundError, client.projects.retrieve, "c", namespace="team")


def datasets():
    for number in range(5):
        client.datasets.create(
            name=f"d{number}", namespace="team", files_url=f"hf://datasets/team/d{number}", project=f"p{number % 2}"
        )
    found = client.datasets.list(page_size=2, sort="-name", filter={"namespace": "team", "project": "p0"})
    assert [one.name for one in found] == ["d4", "d2", "d0"]
    assert client.datasets.list(page=9).data == []
    changed = client.datasets.update("d0", namespace="team", description="new")
    assert (changed.description, changed.files_url) == ("new", "hf://datasets/team/d0")
    assert client.datasets.delete("d0", namespace="team").id
    refused(NotFoundError, client.datasets.retrieve, "d0", namespace="team")
    refused(UnprocessableEntityError, client.datasets.create, name="no spaces", files_url="x")


def models():
    name = "tuned@cust-1+x"
    client.models.create(
        name=name,
        namespace="team",
        base_model="meta/llama-3.2-1b-instruct",
        artifact={"files_url": "nds://models/team/tuned", "status": "created", "precision": "bf16-mixed"},
        peft={
            "finetuning_type": "lora",
            "lora": {"alpha": 16, "apply_lora_to_mlp": True, "apply_lora_to_output": False},
        },
        spec={"context_size": 8192, "is_chat": True, "num_parameters": 10**9, "num_virtual_tokens": 0},
        prompt={"system_prompt": "Be brief."},
    )
    client.models.create(name="plain", namespace="team", base_model="meta/other")
    names = lambda **filters: [one.name for one in client.models.list(filter=filters)]
    assert names(peft=True) == [name] and names(peft=False) == ["plain"]
    assert names(base_model="meta/llama-3.2-1b-instruct") == [name]
    assert names(prompt=True, namespace="team") == [name]
    assert names(created_at={"gte": "2000-01-01"}) and not names(created_at={"lte": "2000-01-01"})
    client.models.update(name, namespace="team", artifact={"files_url": "nds://x", "status": "upload_completed"})
    assert client.models.retrieve(name, namespace="team").artifact.status == "upload_completed"
    wrong = {"files_url": "nds://x", "status": "half"}
    refused(UnprocessableEntityError, client.models.create, name="wrong", artifact=wrong)
    client.models.delete(name, namespace="team")
    client.models.delete("plain", namespace="team")


def ready(name):
    deadline = time.monotonic() + 60
    while True:
        deployment = client.deployment.model_deployments.retrieve(name, namespace="team")
        if deployment.status_details.status == "ready":
            return deployment
        assert time.monotonic() < deadline, deployment
        time.sleep(0.05)


def deployments():
    configs, all_deployments = client.deployment.configs, client.deployment.model_deployments
    configs.create(name="small", namespace="team", **CONFIG)
    refused(ConflictError, configs.create, name="small", namespace="team", **CONFIG)
    assert configs.update("small", namespace="team", description="one GPU").description == "one GPU"
    assert [one.name for one in configs.list()] == ["small"]
    assert all_deployments.create(name="tiny", namespace="team", config="team/small").status_details.status == "created"
    again = refused(InternalServerError, all_deployments.create, name="tiny", namespace="team", config="team/small")
    assert "model deployment already exists" in str(again)
    assert ready("tiny").deployed and [one.name for one in all_deployments.list()] == ["tiny"]
    other = {**CONFIG, "model": "meta/other-1b"}
    all_deployments.update("tiny", namespace="team", config=other)
    ready("tiny")
    assert [one.id for one in client.inference.models.list().data] == ["meta/other-1b"]
    all_deployments.delete("tiny", namespace="team")
    refused(NotFoundError, all_deployments.retrieve, "tiny", namespace="team")
    all_deployments.create(name="tiny", namespace="team", config=CONFIG)
    ready("tiny")
    embedder = {**CONFIG, "model": "nvidia/llama-3.2-nv-embedqa-1b-v2"}
    all_deployments.create(name="embedder", namespace="team", config=embedder)
    ready("embedder")


def inference():
    messages = [{"role": "user", "content": "What is the weather in Paris?"}]
    chat = {"model": "meta/tiny-3b", "messages": messages}
    calling = {**chat, "tools": [TOOL], "tool_choice": "required", "max_tokens": 100}
    call = client.chat.completions.create(**calling).choices[0].message.tool_calls[0]
    assert call.function.name == "get_weather" and call.id.startswith("chatcmpl-tool-")
    plain = client.chat.completions.create(**chat).choices[0]
    chunks = list(client.chat.completions.create(**chat, stream=True))
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert said == plain.message.content and chunks[-1].choices[0].finish_reason == "stop"
    text = client.completions.create(model="meta/tiny-3b", prompt="Tell me of Paris.")
    assert text.choices[0].text and text.usage.total_tokens > 0
    refused(NotFoundError, client.chat.completions.create, model="none", messages=messages)


def embeddings():
    asked = {"model": "nvidia/llama-3.2-nv-embedqa-1b-v2", "input": ["the cat sat", "a cat sits", "tax law"]}
    answer = client.embeddings.create(**asked, extra_body={"input_type": "query"})
    a, b, c = [one.embedding for one in answer.data]
    dot = lambda x, y: sum(one * other for one, other in zip(x, y))
    assert len(a) == 2048 and abs(dot(a, a) - 1) < 1e-6 and dot(a, b) > dot(a, c)


async def asynchronous():
    async with AsyncNeMoMicroservices(**URLS, _strict_response_validation=STRICT) as client:
        names = [one.name async for one in client.datasets.list(page_size=2, sort="name")]
        assert names == ["d1", "d2", "d3", "d4"]
        chat = {"model": "meta/tiny-3b", "messages": [{"role": "user", "content": "Hello"}]}
        whole, stream = await asyncio.gather(
            client.chat.completions.create(**chat), client.chat.completions.create(**chat, stream=True)
        )
        said = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
        assert said == whole.choices[0].message.content


def guardrails():
    rails = {"input": {"flows": ["self check input"]}, "output": {"flows": ["self check output"]}}
    prompts = [
        {"task": f"self_check_{side}", "content": f"Block threats. {side}: {{{{ {role}_{side} }}}} Answer yes or no:"}
        for side, role in [("input", "user"), ("output", "bot")]
    ]
    model = {"type": "main", "engine": "nim", "model": "meta/tiny-3b"}
    client.guardrail.configs.create(
        name="safe", namespace="team", data={"models": [model], "rails": rails, "prompts": prompts}
    )
    assert client.guardrail.configs.retrieve("safe", namespace="team").data.colang_version == "1.0"
    chat = lambda text: {
        "model": "meta/tiny-3b",
        "messages": [{"role": "user", "content": text}],
        "extra_body": {"guardrails": {"config_id": "team/safe"}},
    }
    assert client.guardrail.check(**chat("I will build a bomb and kill them")).status == "blocked"
    assert client.guardrail.check(**chat("Where is my order?")).status == "success"
    assert client.guardrail.chat.completions.create(**chat("Where is my order?")).choices[0].message.content
    client.guardrail.configs.delete("safe", namespace="team")


if __name__ == "__main__":
    for step in [entities, datasets, models, deployments, inference, embeddings, guardrails]:
        step()
        print(f"nemo-microservices {VERSION}: {step.__name__} ok", flush=True)
    loop.run_until_complete(asynchronous())
    print(f"nemo-microservices {VERSION}: asynchronous ok")
