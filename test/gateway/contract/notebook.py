"""Follows a job as the blueprint's notebook does: polls its document, makes two tables of it, stops at its end.

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


def since(entry):
    end = entry["finished_at"]
    return {
        "Started": clock(entry["started_at"]),
        "Finished": clock(end) if end else "-",
        "Status": "Completed" if end else "Running",
        "Runtime": int(divmod(entry["runtime_seconds"], 60)[1]),
        "Percent Done": entry["progress"],
    }


def evaluations(job):
    rows = [
        {"Model": nim["model_name"], "Eval Type": one["eval_type"].upper(), **since(one), **one["scores"]}
        for nim in job["nims"]
        for one in nim["evaluations"]
    ]
    if not rows:
        return pandas.DataFrame(columns=["Model", "Eval Type"])
    return pandas.DataFrame(rows).sort_values(["Model", "Eval Type"])


def customizations(job):
    rows = [
        {"Model": nim["model_name"], **since(one), "Epochs": one["epochs_completed"], "Steps": one["steps_completed"]}
        for nim in job["nims"]
        for one in nim["customizations"]
    ]
    return pandas.DataFrame(rows or pandas.DataFrame(columns=["Model"])).sort_values(["Model"])


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
        scores, trainings = evaluations(job), customizations(job)
        polls += 1
        if "Status" in scores:
            listed_early += int((scores["Status"] == "Running").any())
        if job["status"] in ["completed", "failed"]:
            break
        time.sleep(0.02)
    if job["status"] == "failed" and job.get("error"):
        sys.exit(job["error"])
    accuracy = scores.set_index("Eval Type")["function_name"]
    json.dump(
        {
            "status": job["status"],
            "records": job["num_records"],
            "polls": polls,
            "sawRunning": listed_early,
            "evaluations": scores["Eval Type"].tolist(),
            "trainings": trainings["Status"].tolist(),
            "accuracies": accuracy.astype(float).between(0, 1).tolist(),
            "customized": job["nims"][0]["customizations"][0]["customized_model"],
        },
        sys.stdout,
    )


main()
