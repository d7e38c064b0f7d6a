"""Offers an adopted contract as a pull request: the git and `gh` half of .github/workflows/spec-bump.yml.

    python openapi/offer.py begin            stand on the branch of the open pull request, if there is one
    python openapi/offer.py pack FOLDER N    what the regeneration changed, and its exit code N, into FOLDER
    python openapi/offer.py offer FOLDER     commit it, push it, open or renew the pull request

`begin` and `pack` write nothing to the origin; `offer` reads no foreign file but what `pack` made of it.
No branch is ever forced: what a person has committed there stays.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

BRANCH = "spec-bump"
TOUCHED = ("openapi/gate-v1.yaml", "generated/")
ADOPTED, REFUSED = ("0", "3"), "2"
CHECKS = "checks.yml"


def main(words: list[str]) -> int:
    """Run; returns the exit code."""
    match words:
        case ["begin"]:
            return begin()
        case ["pack", folder, code]:
            return pack(Path(folder), code)
        case ["offer", folder]:
            return offer(Path(folder))
    print(__doc__, file=sys.stderr)
    return 2


def begin() -> int:
    """On the branch that is under review a person may have written lines: go on from there."""
    branch = open_branch()
    if branch is not None:
        git("fetch", "origin", branch)
        git("switch", "--detach", "FETCH_HEAD")
    print(f"from {branch or 'where we are'}")
    return 0


def pack(folder: Path, code: str) -> int:
    """A patch, the exit code and the summary that was written there; fails where nothing was read."""
    if code not in (*ADOPTED, REFUSED):
        return int(code)
    if code == REFUSED and not (folder / "summary.md").is_file():
        print("the contract could not be fetched: nothing to offer", file=sys.stderr)
        return 2
    git("add", "--all", "--", *TOUCHED)
    patch = run("git", "diff", "--cached", "--binary")
    (folder / "bump.patch").write_text(patch, "utf-8", newline="\n")
    (folder / "code").write_text(code, "utf-8")
    return 0


def offer(folder: Path) -> int:
    """Whatever `pack` left; an offer that was made before is not made again."""
    code = (folder / "code").read_text("utf-8").strip()
    patch, summary = folder / "bump.patch", folder / "summary.md"
    git("config", "user.name", "spec bump")
    git("config", "user.email", "spec-bump@users.noreply.github.com")
    if code == REFUSED:
        return refused(summary)
    if not patch.read_text("utf-8").strip():
        print("nothing changed")
        return 0
    return adopted(patch, summary)


def adopted(patch: Path, summary: Path) -> int:
    """On top of the branch under review, or on a new one."""
    strange = [name for name in paths_of(patch) if not name.startswith(TOUCHED)]
    if strange:
        print(
            f"the patch touches {', '.join(strange)}: it may touch {TOUCHED} only", file=sys.stderr
        )
        return 1
    branch = open_branch()
    if branch is not None:
        git("fetch", "origin", branch)
        git("switch", "-C", branch, "FETCH_HEAD")
    else:
        name = new_branch(hashlib.sha256(patch.read_bytes()).hexdigest()[:8])
        if name is None:
            print("this bump was offered before, and closed: not offered again")
            return 0
        git("switch", "-C", name)
    git("apply", "--index", str(patch))
    git("commit", "-m", "Regenerate from the vendor's contract")
    where = branch or current()
    git("push", "origin", f"HEAD:refs/heads/{where}")
    if branch is not None:
        run("gh", "pr", "edit", branch, "--body-file", str(summary))
    else:
        ask("A new contract", where, summary)
    start_checks(where)
    return 0


def refused(summary: Path) -> int:
    """A draft that says why, once for each reason; it holds no change, for none was made."""
    name = f"{BRANCH}-refused-{hashlib.sha256(summary.read_bytes()).hexdigest()[:8]}"
    if exists(name):
        print(f"{name} says so already")
        return 0
    git("switch", "-C", name)
    git("commit", "--allow-empty", "-m", "The vendor's new contract is refused")
    git("push", "origin", f"HEAD:refs/heads/{name}")
    ask("The vendor's new contract is refused", name, summary, "--draft")
    return 0


def ask(title: str, branch: str, summary: Path, *more: str) -> None:
    """Open a pull request."""
    words = ("--head", branch, "--title", title, "--body-file", str(summary), *more)
    run("gh", "pr", "create", *words)


def start_checks(branch: str) -> None:
    """A pull request opened with the workflow's own token starts none; asking for them by name does."""
    run("gh", "workflow", "run", CHECKS, "--ref", branch)


def open_branch() -> str | None:
    """The branch of the bump that is under review."""
    found = run(
        "gh", "pr", "list", "--state", "open", "--json", "headRefName", "--jq", ".[].headRefName"
    )
    ours = [name for name in found.split() if is_bump(name)]
    return ours[0] if ours else None


def is_bump(name: str) -> bool:
    """Return True for a branch that offers a bump; those of refused contracts offer none."""
    return name == BRANCH or (
        name.startswith(f"{BRANCH}-") and not name.startswith(f"{BRANCH}-refused-")
    )


def new_branch(mark: str) -> str | None:
    """`spec-bump`, where that is free or all merged; else one of its own, unless it is there already."""
    if not exists(BRANCH) or is_merged(BRANCH):
        return BRANCH
    own = f"{BRANCH}-{mark}"
    return None if exists(own) else own


def exists(branch: str) -> bool:
    """Return True where the origin has the branch."""
    return bool(run("git", "ls-remote", "--heads", "origin", f"refs/heads/{branch}").strip())


def is_merged(branch: str) -> bool:
    """Fetch a branch; return True where HEAD has all of it: going on from here forces nothing."""
    git("fetch", "origin", branch)
    asked = ["git", "merge-base", "--is-ancestor", "FETCH_HEAD", "HEAD"]
    return subprocess.run(asked, check=False).returncode == 0


def paths_of(patch: Path) -> list[str]:
    """Return the paths that a patch would change, old and new names, as git reads it."""
    told = run("git", "apply", "--numstat", "-z", str(patch))
    return [part.rpartition("\t")[2] for part in told.split("\0") if part.strip()]


def current() -> str:
    """The branch that we stand on."""
    return run("git", "branch", "--show-current").strip()


def git(*words: str) -> None:
    """Run git; what it says goes to the log."""
    print(run("git", *words), end="")


def run(*words: str) -> str:
    """Run a command and return what it prints; where it fails, end this run with its code."""
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    if done.returncode:
        print(done.stdout, done.stderr, file=sys.stderr)
        raise SystemExit(f"{' '.join(words[:3])} failed with {done.returncode}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
