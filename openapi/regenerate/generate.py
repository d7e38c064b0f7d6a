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
from openapi_python_client.strings import PythonIdentifier, safe_for_docstring
from ruff import find_ruff_bin  # type: ignore[import-untyped]  # it is a binary with one function

from . import properties, rewrites
from .documents import Node, operations
from .naming import PREFIX
from .refused import Refused

PACKAGE = "zerogate_api"
SIGNATURE = "# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this."
TEMPLATES = Path(__file__).parent / "templates"
# Each choice is named, so that neither a default of ruff nor a file of the project decides.
RUFF = ("--isolated", "--no-cache", "--target-version=py311", "--line-length=100", "--quiet")
MENDED = "--select=F401,I001,UP006,UP007,UP035,UP037,UP045,RUF022"
# As many words to a line as fit: a field that is added touches no line of another.
DENSE = (
    *("--config", "format.skip-magic-trailing-comma = true"),
    *("--config", "lint.isort.split-on-trailing-comma = false"),
)


@frozen
class Generated:
    """Result of a run of the generator: the package's folder, and the data that it says it read."""

    folder: Path
    read: GeneratorData


def generate(document: Node, folder: Path) -> Generated:
    """Write the package into `folder/zerogate_api`, a new folder; Refused if a part is left out."""
    properties.install()
    package = folder / PACKAGE
    config = _config(package)
    project = opc.Project(openapi=_read(document, config), config=config)
    _use_our_templates(project, document)
    with redirect_stdout(io.StringIO()):
        _refuse(project.build())
    (package / "py.typed").write_bytes(b"")
    _tidy(package)
    _sign(package)
    return Generated(package, project.openapi)


def _read(document: Node, config: Config) -> GeneratorData:
    """Return the document as the generator reads it; raise Refused where it stops."""
    try:
        read = GeneratorData.from_dict(document, config=config)
    except ValueError as error:
        raise Refused(f"the generator stops: {_one_line(str(error))}") from None
    if isinstance(read, GeneratorError):
        raise Refused(f"the generator stops: {_one_line(read.detail or read.header)}")
    return read


def _refuse(complaints: Iterable[GeneratorError]) -> None:
    """Raise Refused on any warning: something of the contract is missing from the client."""
    found = [_one_line(f"{c.header.strip()} {c.detail or ''}") for c in complaints]
    if found:
        raise Refused(*(f"the generator leaves something out: {line}" for line in found))


def _config(package: Path) -> Config:
    """Return the generator's settings for a package at this path."""
    wanted = ConfigFile(
        project_name_override=PACKAGE,
        package_name_override=PACKAGE,
        field_prefix=PREFIX,
        post_hooks=[],
    )
    return Config.from_sources(
        wanted,
        meta_type=MetaType.NONE,
        document_source=package,
        file_encoding="utf-8",
        overwrite=False,
        output_path=package,
    )


def _use_our_templates(project: opc.Project, document: Node) -> None:
    """Let the project use our templates, filters and functions, the stock ones behind them."""
    told, going = _descriptions(document), _deprecated(document)
    stock = PackageLoader("openapi_python_client")
    ours = FileSystemLoader(TEMPLATES)
    project.env.loader = ChoiceLoader([ours, stock, PrefixLoader({"stock": stock})])
    for rewrite in (
        rewrites.only_pure,
        rewrites.clear_misfits,
        rewrites.read_quickly,
        rewrites.our_types,
    ):
        project.env.filters[rewrite.__name__] = rewrite
    sent = _sent_models(project.openapi)
    project.env.globals["sent_models"] = sent
    project.env.globals["is_guessed"] = _guessed(project.openapi, sent).__contains__
    project.env.globals["one_or_null"] = properties.one_or_null
    project.env.globals["kind_to_check"] = properties.kind_to_check
    project.env.globals["reader_of"] = properties.reader_of
    project.env.globals["end_of"] = lambda endpoint: going.get(endpoint.name, "")
    project.env.globals["docstring_of"] = lambda endpoint: _docstring(endpoint, told)


def _sent_models(read: GeneratorData) -> set[str]:
    """Return names of models that stand in a request: those of bodies, and those within."""
    models = {str(model.class_info.name): model for model in read.models}
    calls = [call for tag in read.endpoint_collections_by_tag.values() for call in tag.endpoints]
    waiting: list[Any] = [body.prop for call in calls for body in call.bodies]
    sent: set[str] = set()
    while waiting:
        prop = waiting.pop()
        waiting += getattr(prop, "inner_properties", [])
        waiting += [prop.inner_property] if hasattr(prop, "inner_property") else []
        name = str(prop.class_info.name) if hasattr(prop, "class_info") else ""
        if name in models and name not in sent:
            sent.add(name)
            model = models[name]
            waiting += [*(model.required_properties or []), *(model.optional_properties or [])]
            waiting.append(model.additional_properties)
    return sent


def _guessed(read: GeneratorData, sent: set[str]) -> properties.Guessed:
    """Return fields of answers that the contract only infers: the server may send anything else."""
    guessed = properties.Guessed()
    for model in read.models:
        keeps_all = getattr(model.additional_properties, "template", "") == "any_property.py.jinja"
        if str(model.class_info.name) in sent or not keeps_all:
            continue
        whole = properties.is_inferred(model.data)
        parts: dict[Any, Any] = model.data.properties or {}
        for prop in model.optional_properties or []:
            if whole or properties.is_inferred(parts.get(_plain(prop.name))):
                guessed.add(prop)
    return guessed


def _deprecated(document: Node) -> dict[str, str]:
    """Return operation → what to say to whoever still calls it; deprecated ones only."""
    return {
        PythonIdentifier(operation.id, PREFIX): deprecation(operation.id, operation.node)
        for operation in operations(document)
        if operation.node.get("deprecated")
    }


def deprecation(name: str, node: Node) -> str:
    """Return one sentence, with the day of its end where the contract names it."""
    end = f", and ends on {node['x-sunset']}" if "x-sunset" in node else ""
    return f"{name} is deprecated by the contract{end}"


def _descriptions(document: Node) -> dict[tuple[str, str], str]:
    """Return (operation, parameter) → prose, which the generator drops; those with prose only."""
    return {
        (PythonIdentifier(operation.id, PREFIX), parameter["name"]): parameter["description"]
        for operation in operations(document)
        for parameter in operation.parameters
        if parameter.get("description")
    }


def _docstring(endpoint: Endpoint, told: dict[tuple[str, str], str]) -> str:
    """Return the docstring of a call, in quotes: its prose, else its method and path."""
    parts = [_plain(endpoint.summary), _plain(endpoint.description)]
    for _, prop in endpoint.iter_all_parameters():
        if prose := told.get((endpoint.name, _plain(prop.name))):
            parts.append(f"{prop.python_name}: {prose}")
    body = "\n\n".join(_wrapped(part) for part in parts if part.strip())
    body = body or f"{endpoint.method.upper()} {_plain(endpoint.path)}"
    end = "\n" if "\n" in body else ""
    return f'"""{safe_for_docstring(body)}{end}"""'


def _plain(text: Any) -> str:
    """Return the generator's guarded text, or anything else, as plain text."""
    return str(text.get_untrusted_value() if hasattr(text, "get_untrusted_value") else text)


def _wrapped(prose: str) -> str:
    """Return prose in lines of at most 90 characters; a blank line stays a blank line."""
    paragraphs = re.split(r"\n\s*\n", prose.strip())
    return "\n\n".join(textwrap.fill(" ".join(p.split()), 90) for p in paragraphs)


def _sign(package: Path) -> None:
    """Write SIGNATURE as the first line of every module of the package."""
    for path in sorted(package.rglob("*.py")):
        path.write_text(f"{SIGNATURE}\n{path.read_text('utf-8')}", "utf-8", newline="\n")


def _tidy(package: Path) -> None:
    """Let the pinned ruff drop unused imports, sort the rest and format; Refused where it fails."""
    for arguments in (("check", "--fix-only", MENDED), ("format",)):
        command = [find_ruff_bin(), *arguments, *RUFF, *DENSE, "."]
        done = subprocess.run(command, cwd=package, capture_output=True, text=True, check=False)
        if done.returncode:
            said = _one_line(done.stderr or done.stdout)
            raise Refused(f"ruff cannot read what was generated: {said}")


def _one_line(text: str) -> str:
    """Return text on one line, at most 500 characters."""
    return " ".join(text.split())[:500]
