"""The kinds of property the stock generator lacks: exact decimals, secrets, free-form objects.

Installed by replacing four functions of the pinned generator; nothing is copied from it.
"""

from typing import Any, ClassVar

from attrs import define, evolve, field
from openapi_python_client import schema as oai
from openapi_python_client import strings
from openapi_python_client.parser import openapi as parser
from openapi_python_client.parser import properties as stock
from openapi_python_client.parser.properties.any import AnyProperty
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.enum_property import EnumProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.model_property import ModelProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.strings import PythonCode

# Names the templates use themselves; a field or class of the same name would break the module.
TAKEN = {
    *("d", "cls", "src_dict", "field_dict", "to_dict", "from_dict", "additional_properties"),
    *(
        "additional_keys",
        "prop",
        "prop_name",
        "prop_dict",
        "cast",
        "wrong",
        "record",
        "misfit",
        "member",
        "others",
        "as_number",
        "exact",
        "fitting",
        "other_kind",
        "COUNT",
        "FLAG",
        "OBJECT",
        "TEXT",
        "given",
        "KNOWN",
        "Record",
        "NO_OP",
        "kept",
        "as_json",
        "fitted",
        "listed",
        "nullable",
        "optional",
        "present",
    ),
    *("Any", "Mapping", "Decimal", "Literal", "T", "TypeVar", "Unset", "UUID", "File", "StrEnum"),
    *("IntEnum", "BytesIO", "BinaryIO", "TextIO", "Generator"),
}
TAKEN_BY_CALLS = {"body", "headers", "params", "cookies", "path_segment"}


@define
class DecimalProperty(StringProperty):
    """`format: decimal`: exact, in and out as plain text."""

    _type_string: ClassVar[str] = "Decimal"
    template: ClassVar[str] = "decimal_property.py.jinja"
    numeric: ClassVar[bool] = False

    def get_imports(self, *, prefix: str) -> set[str]:
        """Return the imports of a module in which this property stands."""
        ours = {"from decimal import Decimal", f"from {prefix}types import exact, only_decimal"}
        return super().get_imports(prefix=prefix) | ours

    def to_string(self) -> PythonCode:
        """Return the declaration, which refuses anything but a Decimal as soon as it is given."""
        return _declared(super().to_string(), _validator(self, unset=not self.required))


@define
class NumericDecimalProperty(DecimalProperty):
    """The same where the wire has a JSON number: exact, or refused."""

    _json_type_string: ClassVar[str] = "int | float"
    numeric: ClassVar[bool] = True

    def get_imports(self, *, prefix: str) -> set[str]:
        """Return the imports of a module in which this property stands."""
        return super().get_imports(prefix=prefix) | {f"from {prefix}types import as_number"}


@define
class SecretProperty(StringProperty):
    """`format: password`: an ordinary string that the repr leaves out."""

    def to_string(self) -> PythonCode:
        """Return the declaration, left out of the repr."""
        return _declared(super().to_string(), "repr=False")


@define
class FreeFormProperty(AnyProperty):
    """An object of no known fields: a plain dict. Left out of repr if marked `format: password`."""

    _type_string: ClassVar[str] = "dict[str, Any]"
    _json_type_string: ClassVar[str] = "dict[str, Any]"
    secret: bool = False

    def to_string(self) -> PythonCode:
        """Return the declaration, left out of the repr where it is a secret."""
        declared = super().to_string()
        return _declared(declared, "repr=False") if self.secret else declared

    def get_imports(self, *, prefix: str) -> set[str]:
        """Return the imports of a module in which this property stands."""
        return super().get_imports(prefix=prefix) | {"from typing import Any, cast"}

    def get_instance_type_string(self) -> PythonCode:
        """Return the class that isinstance is asked with."""
        return PythonCode("dict")


KINDS: dict[str, type[StringProperty]] = {
    "decimal": DecimalProperty,
    "password": SecretProperty,
}


def one_or_null(prop: PropertyProtocol) -> PropertyProtocol | None:
    """Return the other branch of `X | None`, under the property's own name; else None."""
    if not isinstance(prop, UnionProperty):
        return None
    real = [inner for inner in prop.inner_properties if not isinstance(inner, NoneProperty)]
    if len(real) != 1 or len(prop.inner_properties) != 2:
        return None
    return evolve(real[0], name=prop.name, python_name=prop.python_name, required=True)  # type: ignore[misc]


@define
class Guessed:
    """Properties that the contract only infers; told apart by who they are, for many look alike."""

    _members: dict[int, PropertyProtocol] = field(factory=dict)

    def add(self, prop: PropertyProtocol) -> None:
        """Note a property as guessed, unless it is a secret, which stays hidden whatever comes."""
        real = one_or_null(prop)
        if not (isinstance(real, SecretProperty) or getattr(real, "secret", False)):
            self._members[id(prop)] = prop

    def __contains__(self, prop: object) -> bool:
        return id(prop) in self._members


def is_inferred(schema: Any) -> bool:
    """Return True where the contract marks a schema as something that nobody documents."""
    return schema is not None and "x-inferred" in (schema.model_extra or {})


def kind_to_check(prop: PropertyProtocol) -> str | None:
    """Return the built-in type of a plain property's JSON; None for any other property."""
    plain = (StringProperty, IntProperty, BooleanProperty)
    if type(prop) not in plain:
        return None
    return prop.get_instance_type_string().as_unembedded_code()


def reader_of(prop: PropertyProtocol) -> str | None:
    """Return an expression for a function that reads the property's JSON; None for other kinds."""
    if isinstance(prop, DecimalProperty):
        return "exact"
    if isinstance(prop, DateTimeProperty):
        return "datetime.datetime.fromisoformat"
    if isinstance(prop, EnumProperty):
        return f"listed({prop.class_info.name})"
    if isinstance(prop, ModelProperty):
        return f"{prop.class_info.name}.from_dict"
    return None


def install() -> None:
    """Patch the generator in this process with our kinds of property; twice is as once."""
    if getattr(stock, "taught", False):
        return
    stock.taught = True  # type: ignore[attr-defined]
    strings.RESERVED_WORDS |= TAKEN
    _teach_strings()
    _teach_free_form()
    _teach_unions()
    _teach_parameters()


def _teach_strings() -> None:
    """Let the generator make our properties for `format: decimal` and `password`."""
    plain = stock._string_based_property

    def string_based(name: Any, required: bool, data: oai.Schema, config: Any) -> Any:
        """Return the stock property of a text, or ours for its format."""
        prop = plain(name=name, required=required, data=data, config=config)
        kind = KINDS.get(str(data.schema_format and data.schema_format.get_untrusted_value()))
        if kind is None or type(prop) is not StringProperty:
            return prop
        if kind is DecimalProperty and "x-wire" in (data.model_extra or {}):
            kind = NumericDecimalProperty
        return kind(name, required, prop.default, prop.python_name, prop.description, prop.example)

    stock._string_based_property = string_based


def _teach_free_form() -> None:
    """Let the generator make a FreeFormProperty of objects without known fields."""
    plain = ModelProperty.build

    def build(*, data: oai.Schema, name: Any, schemas: Any, required: bool, **others: Any) -> Any:
        """Return (property, schemas): a FreeFormProperty, or what the stock generator makes."""
        if data.properties or data.allOf or data.additionalProperties not in (None, True):
            return plain(data=data, name=name, schemas=schemas, required=required, **others)
        python_name = strings.PythonIdentifier(name, others["config"].field_prefix)
        prop = FreeFormProperty(
            name, required, None, python_name, data.description, data.example,
            secret=data.schema_format == "password",
        )  # fmt: skip
        return prop, schemas

    ModelProperty.build = build  # type: ignore[method-assign]


def _teach_unions() -> None:
    """Let the generator declare `Decimal | None` with a validator, a secret without repr."""
    plain = UnionProperty.to_string

    def to_string(self: UnionProperty) -> PythonCode:
        """Return a union's declaration, with our validator or without repr where it needs it."""
        declared, real = plain(self), one_or_null(self)
        if isinstance(real, DecimalProperty):
            return _declared(declared, _validator(self, unset=not self.required, null=True))
        hidden = isinstance(real, SecretProperty) or getattr(real, "secret", False)
        return _declared(declared, "repr=False") if hidden else declared

    UnionProperty.to_string = to_string  # type: ignore[method-assign,assignment]


def _teach_parameters() -> None:
    """Let the generator add its place to a parameter named like a local: body_query."""
    plain = parser.Endpoint.add_parameters

    def add_parameters(*, config: Any, **others: Any) -> Any:
        """Return what the stock function does, with such parameters renamed."""
        endpoint, schemas, parameters = plain(config=config, **others)
        if isinstance(endpoint, parser.Endpoint):
            for location, prop in endpoint.iter_all_parameters():
                if prop.python_name in TAKEN_BY_CALLS:
                    new_name = oai.UntrustedString(f"{prop.python_name}_{location}")
                    prop.set_python_name(new_name=new_name, config=config)
        return endpoint, schemas, parameters

    parser.Endpoint.add_parameters = staticmethod(add_parameters)  # type: ignore[method-assign]


def _declared(declaration: PythonCode, option: str) -> PythonCode:
    """Return a declaration with this option of attrs' field, its default kept."""
    name, _, default = declaration.as_unembedded_code().partition(" = ")
    given = f"default={default}, " if default else ""
    return PythonCode(f"{name} = _attrs_field({given}{option})")


def _validator(prop: PropertyProtocol, *, unset: bool, null: bool = False) -> str:
    """Return the option `validator=…` that takes a Decimal, and null or UNSET where allowed."""
    allowed = ["null=True"] * null + ["unset=True"] * unset
    return f"validator=only_decimal({', '.join(allowed)})"
