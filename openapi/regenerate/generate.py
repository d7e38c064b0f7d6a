"""The prepared document -> the package zerogate_api, by the pinned generator and our templates."""

import io
import re
import subprocess
import textwrap
from collections.abc import Iterable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import openapi_python_client as opc
from attrs import frozen
from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.strings import safe_for_docstring, snake_case
from ruff import find_ruff_bin

from . import properties, rewrites
from .documents import Node, operations
from .refused import Refused

PACKAGE = "zerogate_api"
TEMPLATES = Path(__file__).parent / "templates"
RUFF = ("--isolated", "--no-cache", "--target-version=py311", "--line-length=100", "--quiet")
MENDED = "--select=F401,I001,UP006,UP007,UP035,UP037,UP045,RUF022"


@frozen
class Generated:
    """What came out: where, and what the generator says it read."""

    folder: Path
    read: GeneratorData


def generate(document: Node, folder: Path) -> Generated:
    """Write the package into `folder/zerogate_api`, which must not exist yet."""
    properties.install()
    package = folder / PACKAGE
    config = _config(package)
    read = GeneratorData.from_dict(document, config=config)
    if isinstance(read, GeneratorError):
        raise Refused(
            f"the generator cannot read the contract: {_one_line(read.detail or read.header)}"
        )
    project = opc.Project(openapi=read, config=config)
    _use_our_templates(project, _descriptions(document))
    with redirect_stdout(io.StringIO()):
        complaints = project.build()
    refuse(complaints)
    (package / "py.typed").write_bytes(b"")
    _tidy(package)
    return Generated(package, read)


def refuse(complaints: Iterable[GeneratorError]) -> None:
    """Any warning of the generator means that something of the contract is missing from the client."""
    lines = [_one_line(f"{c.header.strip()} {c.detail or ''}") for c in complaints]
    if lines:
        raise Refused(*(f"the generator leaves something out: {line}" for line in lines))


def _config(package: Path) -> Config:
    return Config.from_sources(
        ConfigFile(project_name_override=PACKAGE, package_name_override=PACKAGE, post_hooks=[]),
        meta_type=MetaType.NONE,
        document_source=package,
        file_encoding="utf-8",
        overwrite=False,
        output_path=package,
    )


def _use_our_templates(project: opc.Project, descriptions: dict[tuple[str, str], str]) -> None:
    stock = PackageLoader("openapi_python_client")
    ours = FileSystemLoader(TEMPLATES)
    project.env.loader = ChoiceLoader([ours, stock, PrefixLoader({"stock": stock})])
    for rewrite in (rewrites.only_pure, rewrites.clear_misfits, rewrites.our_types):
        project.env.filters[rewrite.__name__] = rewrite
    project.env.globals["one_or_null"] = properties.one_or_null
    project.env.globals["docstring_of"] = lambda endpoint: _docstring(endpoint, descriptions)


def _descriptions(document: Node) -> dict[tuple[str, str], str]:
    """(operation, parameter) -> prose; the generator reads it and drops it."""
    return {
        (snake_case(operation.id), parameter["name"]): parameter["description"]
        for operation in operations(document)
        for parameter in operation.parameters
        if parameter.get("description")
    }


def _docstring(endpoint: Endpoint, descriptions: dict[tuple[str, str], str]) -> str:
    told = [_plain(endpoint.summary), _plain(endpoint.description)]
    listed = []
    for _, prop in endpoint.iter_all_parameters():
        prose = descriptions.get((endpoint.name, _plain(prop.name)), "")
        if prose:
            listed.append(f"{prop.python_name}: {' '.join(prose.split())}")
    paragraphs = [_wrapped(part) for part in (*told, *listed) if part.strip()]
    body = "\n\n".join(paragraphs) or f"{endpoint.method.upper()} {_plain(endpoint.path)}"
    end = "\n" if "\n" in body else ""
    return f'"""{safe_for_docstring(body)}{end}"""'


def _plain(text: Any) -> str:
    return str(text.get_untrusted_value() if hasattr(text, "get_untrusted_value") else text)


def _wrapped(prose: str) -> str:
    """Lines of at most 90 characters; a blank line stays a blank line."""
    paragraphs = re.split(r"\n\s*\n", prose.strip())
    return "\n\n".join(textwrap.fill(" ".join(p.split()), 90) for p in paragraphs)


def _tidy(package: Path) -> None:
    """Unused imports out, the rest sorted, everything laid out: by the pinned ruff, and only it."""
    for arguments in (("check", "--fix-only", MENDED), ("format",)):
        command = [find_ruff_bin(), *arguments, *RUFF, "."]
        done = subprocess.run(command, cwd=package, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Refused(
                f"ruff cannot read what was generated: {_one_line(done.stderr or done.stdout)}"
            )


def _one_line(text: str) -> str:
    return " ".join(text.split())[:500]
