"""Does with an installed nemo-microservices what people do with customizer and evaluator; status 1 at the first surprise.

Every call is made four times: by the synchronous and the asynchronous client, with and without validation of what is
answered. NEMO_URL names the platform; dataset test/orders and the deployed model meta/tiny-3b must be there.
"""

import asyncio
import inspect
import io
import json
import os
import time
import zipfile

import nemo_microservices
from nemo_microservices import (
    AsyncNeMoMicroservices,
    ConflictError,
    NeMoMicroservices,
    NotFoundError,
    UnprocessableEntityError,
)

OVER = ("completed", "failed", "cancelled")
OPTION = {"training_type": "sft", "finetuning_type": "lora", "num_gpus": 1, "micro_batch_size": 1}
OTHER_OPTION = {**OPTION, "finetuning_type": "all_weights"}
ROWS = "hf://datasets/test/orders/testing/eval.jsonl"
GROUND_TRUTH = "{{ item.response.choices[0].message.tool_calls | tojson }}"
LIVE_TASK = {
    "type": "data",
    "metrics": {
        "equal": {"type": "string-check", "params": {"check": ["{{ said }}", "equals", "{{ item.wanted }}"]}},
        "bleu": {"type": "bleu", "params": {"references": ["{{ wanted }}"], "candidate": "{{ said }}"}},
        "rouge": {"type": "rouge", "params": {"ground_truth": "{{ wanted }}", "candidate": "{{ said }}"}},
    },
}

loop = asyncio.new_event_loop()


def done(value):
    """The result of a call, whichever client made it."""
    return loop.run_until_complete(value) if inspect.isawaitable(value) else value


def every(pages):
    """All items of all pages of a list."""
    if not hasattr(pages, "__aiter__"):
        return list(pages)

    async def collect():
        return [item async for item in pages]

    return loop.run_until_complete(collect())


def refused(error, call):
    try:
        done(call())
    except error as refusal:
        return refusal
    raise AssertionError(f"{error.__name__} expected")


def until_over(read):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        job = done(read())
        if job.status in OVER:
            return job
        time.sleep(0.05)
    raise AssertionError("the job does not end")


def customizer(client, mode):
    targets, configs, jobs = (getattr(client.customization, name) for name in ("targets", "configs", "jobs"))
    target = done(
        targets.create(
            name=f"tiny-3b@{mode}",
            namespace="meta",
            base_model="meta/tiny-3b",
            num_parameters=3_000_000_000,
            precision="bf16",
            model_path="tiny-3b",
        )
    )
    assert done(targets.update(f"tiny-3b@{mode}", namespace="meta", description="small")).description == "small"
    assert done(targets.retrieve(f"tiny-3b@{mode}", namespace="meta")).num_parameters == 3_000_000_000
    ready = every(targets.list(filter={"base_model": "meta/tiny-3b", "status": "ready"}, page_size=1))
    assert f"tiny-3b@{mode}" in [found.name for found in ready], ready

    name = f"tiny-3b@v1.0.0+{mode}"
    body = {"name": name, "namespace": "test", "target": f"meta/tiny-3b@{mode}", "max_seq_length": 4096}
    done(configs.create(**body, training_options=[OPTION]))
    assert "already exists" in str(refused(ConflictError, lambda: configs.create(**body, training_options=[OPTION])))
    changed = done(configs.update(name, namespace="test", add_training_options=[OTHER_OPTION], description="d"))
    assert len(changed.training_options) == 2 and changed.max_seq_length == 4096
    kept = done(configs.update(name, namespace="test", remove_training_options=[OTHER_OPTION]))
    assert [option.finetuning_type for option in kept.training_options] == ["lora"]
    listed = every(configs.list(filter={"target_base_model": "meta/tiny-3b", "training_type": "sft"}, sort="-name"))
    names = [config.name for config in listed]
    assert name in names and names == sorted(names, reverse=True), names
    refused(NotFoundError, lambda: configs.retrieve("none", namespace="test"))

    request = {
        "config": f"test/{name}",
        "dataset": {"name": "orders", "namespace": "test"},
        "output_model": f"test/tuned-{mode}",
        "project": mode,
        "hyperparameters": {
            "training_type": "sft",
            "finetuning_type": "lora",
            "epochs": 2,
            "batch_size": 4,
            "learning_rate": 0.0001,
            "lora": {"adapter_dim": 8, "adapter_dropout": 0.1},
        },
    }
    job = done(jobs.create(**request))
    assert job.output_model == f"test/tuned-{mode}@{job.id}" and job.dataset == "test/orders"
    status = until_over(lambda: jobs.status(job.id))
    assert status.status == "completed" and status.epochs_completed == 2 and status.percentage_done == 100, status
    assert len(status.metrics.metrics.val_loss) == 2
    assert done(jobs.retrieve(job.id)).status == "completed"
    assert [found.id for found in every(jobs.list(filter={"project": mode, "epochs": 2}, page_size=1))] == [job.id]
    logs = done(jobs.container_logs(job.id))
    entry = next(iter(logs.entries.values()))
    assert "val_loss" in entry.logs["training"] and entry.events[0].reason == "created", entry
    refused(ConflictError, lambda: jobs.cancel(job.id))
    inline = {"target": "meta/slow-training-1b@2.0", "max_seq_length": 4096, "training_options": [OPTION]}
    slow = done(jobs.create(**{**request, "config": inline, "output_model": f"test/slow-{mode}"}))
    assert done(jobs.cancel(slow.id)).status == "cancelling"
    assert until_over(lambda: jobs.status(slow.id)).status == "cancelled"
    wrong = {**request, "hyperparameters": {**request["hyperparameters"], "epochs": 0}}
    problem = refused(UnprocessableEntityError, lambda: jobs.create(**wrong)).body["detail"][0]
    assert problem["loc"] == ["body", "hyperparameters", "epochs"] and problem["msg"] and problem["type"], problem
    refused(NotFoundError, lambda: jobs.retrieve("cust-none"))
    done(configs.delete(name, namespace="test"))
    done(targets.delete(target.name, namespace="meta"))
    return job.output_model


def evaluator(client, mode, strict):
    targets, configs, jobs = (getattr(client.evaluation, name) for name in ("targets", "configs", "jobs"))
    key = {"api_endpoint": {"url": "http://127.0.0.1:9/v1/chat/completions", "model_id": "m", "api_key": "secret"}}
    masked = done(targets.create(type="model", name=f"far-{mode}", namespace="test", model=key))
    assert masked.model.api_endpoint.api_key == "******"
    done(targets.create(type="model", name=f"near-{mode}", namespace="test", model="meta/tiny-3b"))
    assert done(targets.update(f"near-{mode}", namespace="test", description="d")).model == "meta/tiny-3b"
    found = every(targets.list(filter={"namespace": "test", "type": "model"}, page_size=1))
    assert {f"far-{mode}", f"near-{mode}"} <= {one.name for one in found}

    task = {
        "type": "chat-completion",
        "dataset": {"files_url": ROWS, "limit": 6},
        "params": {
            "template": {"messages": "{{ item.request.messages | tojson }}", "tools": "{{ item.request.tools | tojson }}"}
        },
        "metrics": {"calls": {"type": "tool-calling", "params": {"tool_calls_ground_truth": GROUND_TRUTH}}},
    }
    config = {"type": "custom", "params": {"parallelism": 2}, "tasks": {"tools": task}}
    done(configs.create(name=f"calls-{mode}", namespace="test", **config))
    assert done(configs.retrieve(f"calls-{mode}", namespace="test")).tasks["tools"].type == "chat-completion"
    refused(ConflictError, lambda: configs.create(name=f"calls-{mode}", namespace="test", **config))

    request = {"config": f"test/calls-{mode}", "target": f"test/near-{mode}", "namespace": "test", "project": mode}
    job = done(jobs.create(**request))
    assert job.config.tasks["tools"].type == "chat-completion" and job.target.model == "meta/tiny-3b"
    assert until_over(lambda: jobs.retrieve(job.id)).status == "completed"
    status = done(jobs.status(job.id))
    assert status.progress == 100 and status.samples_processed == 6 and status.task_status == {"tools": "completed"}
    result = done(jobs.results(job.id))
    score = result.tasks["tools"].metrics["calls"].scores["function_name_accuracy"]
    assert score.stats.count == 6 and 0 <= score.value <= 1, score
    archive = zipfile.ZipFile(io.BytesIO(done(done(jobs.download_results(job.id)).read())))
    assert len(json.loads(archive.read("results.json"))["tools"]) == 6
    if not strict:  # Validation wants JSON, and the platform's logs are a ZIP.
        assert done(jobs.download_logs(job.id)).startswith("PK")
    mine = {"project": mode, "config": f"test/calls-{mode}", "status": "completed"}
    assert [one.id for one in every(jobs.list(filter=mine, page_size=1))] == [job.id]
    refused(ConflictError, lambda: jobs.cancel(job.id))
    refused(NotFoundError, lambda: jobs.create(**{**request, "target": "test/none"}))
    refused(UnprocessableEntityError, lambda: jobs.create(**{**request, "target": {"type": "retriever"}}))

    results = client.evaluation.results
    assert done(results.retrieve(result.id)).job == job.id
    assert [one.id for one in every(results.list(filter={"job_id": job.id}))] == [result.id]
    added = done(results.create(job=job.id, description="mine"))
    assert done(results.update(added.id, description="ours")).description == "ours"
    assert done(results.delete(added.id)).id == added.id

    rows = [{"said": "yes", "wanted": "yes"}, {"said": "no", "wanted": "yes"}]
    live = done(client.evaluation.live(config={"type": "custom", "tasks": {"t": LIVE_TASK}}, target={"type": "rows", "rows": rows}))
    scores = live.result.tasks["t"].metrics
    assert live.status == "completed" and scores["equal"].scores["string-check"].value == 0.5, live
    assert scores["bleu"].scores["sentence"].value == 50 and scores["bleu"].scores["corpus"].value == 0
    assert scores["rouge"].scores["rouge_1_score"].value == 0.5

    done(jobs.delete(job.id))
    refused(NotFoundError, lambda: jobs.results(job.id))
    done(configs.delete(f"calls-{mode}", namespace="test"))
    assert done(targets.delete(f"near-{mode}", namespace="test")).id


for number, strict in enumerate((False, True)):
    for kind in (NeMoMicroservices, AsyncNeMoMicroservices):
        mode = f"{kind.__name__.lower()}-{number}"
        client = kind(base_url=os.environ["NEMO_URL"], _strict_response_validation=strict)
        customizer(client, mode)
        evaluator(client, mode, strict)
        done(client.close())
        print(f"{nemo_microservices.__version__} {mode}: fine")
