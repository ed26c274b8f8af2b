"""Does with an installed huggingface_hub what people do with a data store; ends with status 1 at the first surprise."""

import io
import os
import pathlib
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import huggingface_hub
from huggingface_hub import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete, HfApi, HfFileSystem
from huggingface_hub.utils import (
    EntryNotFoundError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

ENDPOINT = os.environ["HF_ENDPOINT"]
LARGE_BYTES = int(os.environ.get("LARGE_BYTES", 12_000_000))
VERSION = tuple(int(part) for part in huggingface_hub.__version__.split(".")[:2])
MAJOR = VERSION[0]
REPO = "team/rows"

api = HfApi(endpoint=ENDPOINT, token="nothing")


def dataset(name):
    return {"repo_id": name, "repo_type": "dataset"}


def refused(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as refusal:
        return refusal
    raise AssertionError(f"{call.__name__}{args}{kwargs} was not refused with {error.__name__}")


def repositories():
    assert api.create_repo(**dataset(REPO)).repo_id == REPO
    assert "409" in str(refused(HfHubHTTPError, api.create_repo, **dataset(REPO)))
    assert api.create_repo(**dataset(REPO), exist_ok=True).repo_id == REPO
    assert api.repo_exists(**dataset(REPO)) and not api.repo_exists(**dataset("team/none"))
    assert len(api.dataset_info(REPO).sha) == 40
    assert [one.id for one in api.list_datasets(author="team")] == [REPO]
    api.create_repo("team/old-name", repo_type="model")
    api.move_repo("team/old-name", "team/model", repo_type="model")
    assert api.model_info("team/model").id == "team/model"
    assert [one.id for one in api.list_models(author="team", search="MOD")] == ["team/model"]
    api.upload_file(path_or_fileobj=b"x", path_in_repo="a/x", repo_id="team/model")
    (found,) = api.list_models(limit=1, expand=["siblings", "sha"])
    assert [one.rfilename for one in found.siblings] == ["a/x"] and found.sha == api.model_info("team/model").sha
    api.auth_check("team/model")
    refused(RepositoryNotFoundError, api.auth_check, "team/none")
    assert not api.repo_exists("team/old-name")
    api.delete_repo("team/model")
    api.delete_repo("team/model", missing_ok=True)
    refused(RepositoryNotFoundError, api.delete_repo, "team/model")


def files():
    names = ["training/a b+c@d#e?f%é.jsonl", "training/empty.jsonl", "folder/x.jsonl", "folder2/y.jsonl"]
    contents = [b'{"a": 1}\n', b"", b"x", b"y"]
    adds = [CommitOperationAdd(name, io.BytesIO(data)) for name, data in zip(names, contents)]
    commit = api.create_commit(**dataset(REPO), operations=adds, commit_message="Rows", commit_description="four")
    assert len(commit.oid) == 40 and commit.repo_url.repo_id == REPO
    assert sorted(api.list_repo_files(**dataset(REPO))) == sorted(names)
    for name, data in zip(names, contents):
        assert pathlib.Path(api.hf_hub_download(**dataset(REPO), filename=name)).read_bytes() == data
    assert api.file_exists(**dataset(REPO), filename=names[0])
    sizes = {one.rfilename: one.size for one in api.dataset_info(REPO, files_metadata=True).siblings}
    assert sizes == {name: len(data) for name, data in zip(names, contents)}, sizes
    assert not api.file_exists(**dataset(REPO), filename="none")
    found = api.get_paths_info(**dataset(REPO), paths=["folder", "folder/x.jsonl", "none"], expand=True)
    assert sorted(one.path for one in found) == ["folder", "folder/x.jsonl"]
    assert all(one.last_commit.oid == commit.oid for one in found)
    api.delete_folder("folder", **dataset(REPO))
    api.delete_file("training/empty.jsonl", **dataset(REPO))
    assert sorted(api.list_repo_files(**dataset(REPO))) == sorted([names[0], "folder2/y.jsonl"])


def several_files():
    contents = {"copied/small": b"small", "copied/large": os.urandom(LARGE_BYTES)}
    adds = [CommitOperationAdd(name, io.BytesIO(data)) for name, data in contents.items()]
    api.create_commit(**dataset(REPO), operations=adds, commit_message="Originals")
    copies = [CommitOperationCopy(name, f"{name}-again") for name in contents]
    renamed = [CommitOperationCopy("copied/small", "copied/new"), CommitOperationDelete("copied/small")]
    api.create_commit(**dataset(REPO), operations=[*copies, *renamed], commit_message="Copies")
    below = lambda: {name for name in api.list_repo_files(**dataset(REPO)) if name.startswith("copied/")}
    assert below() == {"copied/large", "copied/small-again", "copied/large-again", "copied/new"}, below()
    for name, data in [("small-again", b"small"), ("new", b"small"), ("large-again", contents["copied/large"])]:
        path = api.hf_hub_download(**dataset(REPO), filename=f"copied/{name}")
        assert pathlib.Path(path).read_bytes() == data, name
    api.delete_files(delete_patterns=["copied/*-again", "copied/new"], **dataset(REPO))
    assert below() == {"copied/large"}, below()


def errors():
    refused(RepositoryNotFoundError, api.list_repo_files, **dataset("team/none"))
    refused(RepositoryNotFoundError, api.upload_file, path_or_fileobj=b"x", path_in_repo="x", **dataset("team/none"))
    refused(RevisionNotFoundError, api.list_repo_files, **dataset(REPO), revision="none")
    refused(EntryNotFoundError, api.hf_hub_download, **dataset(REPO), filename="none")
    refused(EntryNotFoundError, api.delete_file, "none", **dataset(REPO))
    refused(EntryNotFoundError, lambda: list(api.list_repo_tree(**dataset(REPO), path_in_repo="none/deep")))
    head = api.dataset_info(REPO).sha
    api.upload_file(path_or_fileobj=b"1", path_in_repo="raced", **dataset(REPO))
    late = refused(
        HfHubHTTPError, api.upload_file, path_or_fileobj=b"2", path_in_repo="raced", parent_commit=head, **dataset(REPO)
    )
    assert late.response.status_code == 412, late


def revisions():
    before = api.dataset_info(REPO).sha
    api.create_branch(**dataset(REPO), branch="cust-1")
    assert "409" in str(refused(HfHubHTTPError, api.create_branch, **dataset(REPO), branch="cust-1"))
    api.create_branch(**dataset(REPO), branch="cust-1", exist_ok=True)
    api.upload_file(path_or_fileobj=b"tuned", path_in_repo="adapter", revision="cust-1", **dataset(REPO))
    assert not api.file_exists(**dataset(REPO), filename="adapter")
    path = api.hf_hub_download(**dataset(REPO), filename="adapter", revision="cust-1")
    assert pathlib.Path(path).read_bytes() == b"tuned"
    api.create_tag(**dataset(REPO), tag="v1", revision="cust-1")
    refs = api.list_repo_refs(**dataset(REPO))
    assert sorted(ref.name for ref in refs.branches) == ["cust-1", "main"] and refs.tags[0].name == "v1"
    api.delete_branch(**dataset(REPO), branch="cust-1")
    assert api.file_exists(**dataset(REPO), filename="adapter", revision="v1")
    api.delete_tag(**dataset(REPO), tag="v1")
    commits = api.list_repo_commits(**dataset(REPO))
    assert commits[0].commit_id == before and commits[-1].title == "initial commit"
    assert ("Rows", "four") in [(commit.title, commit.message) for commit in commits]


def large_files():
    data = os.urandom(1_000_000) * (LARGE_BYTES // 1_000_000)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "large.bin")
        path.write_bytes(data)
        for source, name in [(path, "as-path"), (data, "as-bytes"), (io.BytesIO(data[::-1]), "as-object")]:
            api.upload_file(path_or_fileobj=source, path_in_repo=name, **dataset(REPO))
    for name, expected in [("as-path", data), ("as-bytes", data), ("as-object", data[::-1])]:
        assert pathlib.Path(api.hf_hub_download(**dataset(REPO), filename=name)).read_bytes() == expected, name
    fs = HfFileSystem(endpoint=ENDPOINT, token="nothing", skip_instance_cache=True)
    with fs.open(f"datasets/{REPO}/as-object", "rb", block_size=2**20) as file:
        file.seek(len(data) - 1000)
        assert file.read() == data[::-1][-1000:]


def side_by_side():
    names = [f"parallel/{index}" for index in range(12)]
    with ThreadPoolExecutor(6) as pool:
        upload = lambda name: api.upload_file(path_or_fileobj=name.encode(), path_in_repo=name, **dataset(REPO))
        list(pool.map(upload, names))
    assert set(names) <= set(api.list_repo_files(**dataset(REPO)))


def folders():
    with tempfile.TemporaryDirectory() as source, tempfile.TemporaryDirectory() as target:
        for name in ["training/1.jsonl", "validation/1.jsonl"]:
            pathlib.Path(source, name).parent.mkdir()
            pathlib.Path(source, name).write_text(name)
        api.upload_folder(folder_path=source, path_in_repo="up", **dataset(REPO))
        api.create_repo(**dataset("team/cleaned"))
        pathlib.Path(source, ".gitignore").write_text("*.tmp\n/validation\n!keep.tmp\n")
        for name in ["a.tmp", "training/b.tmp", "keep.tmp"]:
            pathlib.Path(source, name).write_text(name)
        api.upload_folder(folder_path=source, path_in_repo="", **dataset("team/cleaned"))
        left = [".gitignore", "keep.tmp", "training/1.jsonl"]
        assert sorted(set(api.list_repo_files(**dataset("team/cleaned"))) - {".gitattributes"}) == left
        api.snapshot_download(**dataset(REPO), allow_patterns="up/*", local_dir=target)
        assert pathlib.Path(target, "up/training/1.jsonl").read_text() == "training/1.jsonl"


def large_folder():
    """Only this call asks for regular and LFS uploads by itself, with workers that try again; newest versions lack it."""
    upload = getattr(api, "upload_large_folder", api.upload_folder)
    names = [f"part-{number}/{number}.jsonl" for number in range(6)]
    with tempfile.TemporaryDirectory() as source:
        for name in names:
            pathlib.Path(source, name).parent.mkdir()
            pathlib.Path(source, name).write_text(name)
        pathlib.Path(source, "large.bin").write_bytes(os.urandom(LARGE_BYTES))
        size = pathlib.Path(source, "large.bin").stat().st_size
        api.create_repo(**dataset("team/large-folder"))
        upload(folder_path=source, **dataset("team/large-folder"))
    info = api.dataset_info("team/large-folder", files_metadata=True)
    found = {one.rfilename: one.size for one in info.siblings}
    assert found.pop("large.bin") == size and set(names) <= set(found), found


def file_system():
    fs = HfFileSystem(endpoint=ENDPOINT, token="nothing", skip_instance_cache=True)
    root = f"datasets/{REPO}"
    with fs.open(f"{root}/fs/new.jsonl", "wb") as file:
        file.write(b"0123456789")
    fs.invalidate_cache()
    assert fs.cat_file(f"{root}/fs/new.jsonl", start=2, end=5) == b"234"
    assert [one["name"] for one in fs.ls(f"{root}/fs", detail=True)] == [f"{root}/fs/new.jsonl"]
    assert f"{root}/fs/new.jsonl" in fs.glob(f"{root}/**/*.jsonl") and fs.isdir(f"{root}/fs")
    fs.rm(f"{root}/fs/new.jsonl")
    fs.invalidate_cache()
    assert not fs.exists(f"{root}/fs/new.jsonl")


def run(*args):
    program = "hf" if VERSION >= (0, 34) else "huggingface-cli"
    done = subprocess.run(
        # The cached environment was moved after its installation: the script's own first line names the old place.
        [sys.executable, str(pathlib.Path(sys.executable).parent / program), *args, "--token", "nothing"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (args, done.stdout, done.stderr)
    return done.stdout


def command_line():
    as_dataset = ["--repo-type", "dataset"]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "cli.jsonl")
        path.write_text("from the command line")
        run("upload", "team/cli", str(path), "up/cli.jsonl", *as_dataset)
        run("upload", "team/cli", str(path), "up/cli.jsonl", *as_dataset)
        path.unlink()
        run("download", "team/cli", "up/cli.jsonl", "--local-dir", folder, *as_dataset)
        assert pathlib.Path(folder, "up/cli.jsonl").read_text() == "from the command line"


def command_line_of_repositories():
    """What each version has of it: 0.30 tags only, 0.34 creates too, from 1.0 on all."""
    as_dataset, repo = ["--repo-type", "dataset"], dataset("team/by-cli")
    repos, tag = (["repos"], ["repos", "tag"]) if MAJOR > 0 else (["repo"], ["repo", "tag"])
    if VERSION >= (0, 34):
        run(*repos, "create", "team/by-cli", *as_dataset)
    else:
        api.create_repo(**repo)
    assert api.repo_exists(**repo)
    tags = lambda: [ref.name for ref in api.list_repo_refs(**repo).tags]
    if VERSION >= (0, 34):
        run(*tag, "create", "team/by-cli", "v1", *as_dataset)
        assert tags() == ["v1"] and "v1" in run(*tag, "list", "team/by-cli", *as_dataset)
        run(*tag, "delete", "team/by-cli", "v1", "--yes", *as_dataset)
    else:
        run("tag", "team/by-cli", "v1", *as_dataset)
        assert tags() == ["v1"]
        run("tag", "team/by-cli", "v1", "--delete", "--yes", *as_dataset)
    assert tags() == []
    if MAJOR > 0:
        branches = lambda: sorted(ref.name for ref in api.list_repo_refs(**repo).branches)
        run(*repos, "branch", "create", "team/by-cli", "side", *as_dataset)
        assert branches() == ["main", "side"]
        run(*repos, "branch", "delete", "team/by-cli", "side", *as_dataset)
        assert branches() == ["main"]
        run(*repos, "delete", "team/by-cli", "--yes", *as_dataset)
        assert not api.repo_exists(**repo)


STEPS = [
    *[repositories, files, several_files, errors, revisions, large_files, side_by_side, folders, large_folder],
    *[file_system, command_line, command_line_of_repositories],
]

if __name__ == "__main__":
    for step in STEPS:
        step()
        print(f"huggingface_hub {huggingface_hub.__version__}: {step.__name__} ok", flush=True)
