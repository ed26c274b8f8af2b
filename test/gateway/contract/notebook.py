"""Follows a job as the blueprint's notebook does: polls its document, makes two tables and charts of it, stops at its end.

Written anew: it reads the same keys in the same way (by index, never with a default), and parses and sorts as that does.
"""

import json
import os
import sys
import time
from datetime import datetime

import pandas
import requests

GATEWAY = os.environ["GATEWAY_URL"]


def clock(text):
    return datetime.fromisoformat(text).strftime("%H:%M:%S")


def runtime(seconds):
    if seconds is None:
        return "-"
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)}m {int(rest)}s" if minutes > 0 else f"{int(rest)}s"


def since(entry):
    end = entry["finished_at"]
    return {
        "Percent Done": entry["progress"],
        "Runtime": runtime(entry["runtime_seconds"]),
        "Status": "Completed" if end else "Running",
        "Started": clock(entry["started_at"]),
        "Finished": clock(end) if end else "-",
    }


METRICS = {
    "function_name": "Name",
    "function_name_and_args_accuracy": "Name and arguments",
    "tool_calling_correctness": "Name and arguments (judge)",
}


def scored(scores):
    others = [key for key in scores if key not in [*METRICS, "similarity"]]
    return {
        **{name: scores[key] for key, name in METRICS.items() if key in scores},
        **{key.replace("_", " ").title(): scores[key] for key in others},
    }


def table(rows, order):
    """The empty one is sorted too."""
    return pandas.DataFrame(rows or pandas.DataFrame(columns=[*order, "Percent Done"])).sort_values(order)


def evaluations(job):
    rows = [
        {"Model": nim["model_name"], "Eval Type": one["eval_type"].upper(), **since(one), **scored(one["scores"])}
        for nim in job["nims"]
        for one in nim["evaluations"]
    ]
    return table(rows, ["Model", "Eval Type"])


def customizations(job):
    rows = [
        {"Model": nim["model_name"], **since(one), "Epochs": one["epochs_completed"], "Steps": one["steps_completed"]}
        for nim in job["nims"]
        for one in nim["customizations"]
    ]
    return table(rows, ["Model"])


def charts(results):
    """Of each model a row for each metric and a bar for each experiment; what is no number cannot be drawn."""
    drawn = []
    names = list(METRICS.values())
    for model in results["Model"].unique():
        own = results[results["Model"] == model]
        if all(name in own.columns for name in names):
            bars = own.set_index("Eval Type")[names].T
            drawn.append(bars.select_dtypes("number"))
    return drawn


def main():
    names = {"workload_id": os.environ["WORKLOAD"], "client_id": os.environ["CLIENT"]}
    started = requests.post(f"{GATEWAY}/api/jobs", json=names)
    started.raise_for_status()
    job_id = started.json()["id"]
    polls, listed_early = 0, 0
    while True:
        answer = requests.get(f"{GATEWAY}/api/jobs/{job_id}")
        answer.raise_for_status()
        job = answer.json()
        results, trainings = evaluations(job), customizations(job)
        drawn = charts(results)
        polls += 1
        if "Status" in results:
            listed_early += int((results["Status"] == "Running").any())
        if job["status"] in ["completed", "failed"]:
            break
        time.sleep(0.02)
    if job["status"] == "failed" and job.get("error"):
        sys.exit(job["error"])
    json.dump(
        {
            "status": job["status"],
            "records": job["num_records"],
            "polls": polls,
            "sawRunning": listed_early,
            "models": results["Model"].tolist(),
            "evaluations": results["Eval Type"].tolist(),
            "trainings": trainings["Status"].tolist(),
            "charts": [[*bars.shape, bool(((bars >= 0) & (bars <= 1)).all(axis=None))] for bars in drawn],
            "customized": job["nims"][0]["customizations"][0]["customized_model"],
        },
        sys.stdout,
    )


main()
