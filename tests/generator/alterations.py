"""What a vendor may do to a contract, each with what the report has to say of it.

By kind as the catalogue of oasdiff has them: one row an alteration. A row names the place, what is done
there, and what is expected: the sign of each change, its fact, and whom it breaks (R readers, W writers,
M money or time in other words, A nobody).
"""

# A table, one row a line as far as that goes.
# ruff: noqa: E501

from __future__ import annotations

from attrs import frozen

from tests.generator.changing import (
    CREATE,
    ERROR,
    GONE,
    HOOK,
    INTEGER,
    JSON,
    LIST,
    NOTE,
    OK,
    ONE,
    RATES,
    REQUEST,
    SESSION,
    STRING,
    Change,
    P,
    S,
    add,
    all_of,
    called,
    drop,
    less,
    listed,
    move,
    put,
    read,
    second_name,
    sent,
)


@frozen
class Alteration:
    """One row. expected: `~ field Session.amount R`, or nothing at all. refused: Why it is not adopted."""

    name: str
    alter: Change
    expected: tuple[str, ...]
    renamed: tuple[str, ...] = ()
    refused: str = ""

    @property
    def breaks(self) -> bool:
        return bool(self.renamed) or any(
            {"R", "W"} & {*line.rpartition(" ")[2]} for line in self.expected
        )


FLOWS = "components/securitySchemes/partnerLogin/flows"
LOGIN = f"{FLOWS}/clientCredentials"

SURROUNDINGS = {
    "schemas of another dialect": (
        put("jsonSchemaDialect", "https://json-schema.org/draft/2019-09/schema"),
        "+ info dialect RW",
    ),
    "the usual dialect, said": (
        put("jsonSchemaDialect", "https://json-schema.org/draft/2020-12/schema"),
        "+ info dialect A",
    ),
    "version": (put("info/version", "2"), "~ info version A"),
    "title": (put("info/title", "Gate"), "~ info title A"),
    "amounts in minor units, everywhere": (
        put(
            "info/description", "Every amount is an integer string in minor units. Ids are opaque."
        ),
        "~ prose info RW",
    ),
    "prose that tells nothing": (
        put("info/description", "Every amount is a decimal string in major units. Ids are text."),
        None,
    ),
    "a server more": (
        add("servers", {"url": "https://eu.gate.example/v1"}),
        "+ server https://eu.gate.example/v1 A",
    ),
    "a server less": (drop("servers/1"), "- server https://sandbox.gate.example/v1 RW"),
    "a server elsewhere": (
        put("servers/0/url", "https://api.gate.example/v2"),
        "+ server https://api.gate.example/v2 A | - server https://api.gate.example/v1 RW",
    ),
    "a server that is something else": (
        put("servers/0/description", "Test."),
        "~ server https://api.gate.example/v1 M",
    ),
    "a server with variables": (
        put("servers/0/variables", {"region": {"default": "eu"}}),
        "~ server https://api.gate.example/v1 RW",
    ),
    "a server of one call": (
        put(f"{LIST}/servers", [{"url": "https://list.example"}]),
        "+ server listSessions https://list.example A",
    ),
    "a key of another kind": (
        put(
            "components/securitySchemes/secretKey", {"type": "apiKey", "in": "header", "name": "X"}
        ),
        "~ scheme secretKey RW",
    ),
    "a key in another header": (
        put("components/securitySchemes/publishableKey/name", "X-Other"),
        "~ scheme publishableKey RW",
    ),
    "a key in the query": (
        put("components/securitySchemes/publishableKey/in", "query"),
        "~ scheme publishableKey RW",
    ),
    "a key more, not asked for": (
        put("components/securitySchemes/other", {"type": "http", "scheme": "basic"}),
        "+ scheme other A",
    ),
    "a key called otherwise": (
        all_of(
            move("components/securitySchemes/secretKey", "components/securitySchemes/bearerAuth"),
            put("security", [{"bearerAuth": []}]),
            put(f"{RATES}/security", [{"bearerAuth": []}, {"publishableKey": []}]),
        ),
        "~ scheme bearerAuth A",
    ),
    "a place to get keys elsewhere": (
        put(f"{LOGIN}/tokenUrl", "https://id.gate.example/token"),
        "~ scheme partnerLogin RW",
    ),
    "a place to get keys by another way": (
        put(
            FLOWS,
            {
                "authorizationCode": {
                    "authorizationUrl": "https://login.gate.example/",
                    "tokenUrl": "https://login.gate.example/token",
                    "scopes": {"read": "Read.", "write": "Write."},
                }
            },
        ),
        "~ scheme partnerLogin RW",
    ),
    "a place to sign in": (
        put(f"{LOGIN}/refreshUrl", "https://login.gate.example/refresh"),
        "~ scheme partnerLogin A",
    ),
    "a scope more to ask for": (
        put(f"{LOGIN}/scopes/refund", "Refund."),
        "~ scheme partnerLogin A",
    ),
    "a scope less to ask for": (drop(f"{LOGIN}/scopes/write"), "~ scheme partnerLogin RW"),
    "a scope in other words": (
        put(f"{LOGIN}/scopes/write", "Write all."),
        "~ scheme partnerLogin A",
    ),
    "a key less": (
        all_of(
            drop("components/securitySchemes/publishableKey"),
            put(f"{RATES}/security", [{"secretKey": []}]),
        ),
        "- scheme publishableKey RW | ~ operation listRates R",
    ),
    "one more key for every call": (
        put("security", [{"secretKey": []}, {"publishableKey": []}]),
        "~ operation addNote A | ~ operation createSession A | ~ operation deleteSession A"
        " | ~ operation listSessions A | ~ operation retrieveSession A",
    ),
    "no key for any call": (
        put("security", []),
        "~ operation addNote A | ~ operation createSession A | ~ operation deleteSession A"
        " | ~ operation listSessions A | ~ operation retrieveSession A",
    ),
    "a scope for every call": (
        put("security", [{"secretKey": ["all"]}]),
        "~ operation addNote W | ~ operation createSession W | ~ operation deleteSession W"
        " | ~ operation listSessions R | ~ operation retrieveSession R",
    ),
    "a schema that nothing uses less": (drop(f"{S}/Cash"), "- field Cash.kind A"),
}
CALLS = {
    "another key for a read": (
        put(f"{LIST}/security", [{"publishableKey": []}]),
        "~ operation listSessions R",
    ),
    "another key for a write": (
        put(f"{CREATE}/security", [{"publishableKey": []}]),
        "~ operation createSession W",
    ),
    "two keys at once": (
        put(f"{CREATE}/security", [{"secretKey": [], "publishableKey": []}]),
        "~ operation createSession W",
    ),
    "one of two keys less": (
        put(f"{RATES}/security", [{"secretKey": []}]),
        "~ operation listRates R",
    ),
    "one key more to choose from": (
        put(f"{LIST}/security", [{"secretKey": []}, {"publishableKey": []}]),
        "~ operation listSessions A",
    ),
    "a scope asked for": (
        put(f"{LIST}/security", [{"secretKey": ["read"]}]),
        "~ operation listSessions R",
    ),
    "no key any more": (
        put(f"{LIST}/security", [{"secretKey": []}, {}]),
        "~ operation listSessions A",
    ),
    "an operation less": (drop(GONE), "- operation deleteSession W"),
    "an operation more": (
        put(
            f"{P}/~sessions~{{id}}/put",
            {"operationId": "replaceSession", "tags": ["sessions"], "responses": {"200": OK}},
        ),
        "+ operation replaceSession A | + parameter replaceSession path id A | + response replaceSession 200 A",
    ),
    "an operation elsewhere": (move(f"{P}/~rates", f"{P}/~prices"), "~ operation listRates R"),
    "an operation by another method": (
        move(CREATE, f"{P}/~sessions/put"),
        "~ operation createSession W",
    ),
    "an operation under another tag": (
        put(f"{LIST}/tags", ["payments"]),
        "~ operation listSessions R",
    ),
    "an operation deprecated": (put(f"{LIST}/deprecated", True), "~ operation listSessions A"),
    "an operation no longer deprecated": (drop(f"{RATES}/deprecated"), "~ operation listRates A"),
    "a sunset announced": (put(f"{LIST}/x-sunset", "2027-01-01"), "~ operation listSessions A"),
    "a sunset sooner": (put(f"{RATES}/x-sunset", "2027-01-01"), "~ operation listRates R"),
    "a sunset later": (put(f"{RATES}/x-sunset", "2028-01-01"), "~ operation listRates A"),
    "a stability announced": (
        put(f"{LIST}/x-stability-level", "stable"),
        "~ operation listSessions A",
    ),
    "a stability lowered": (put(f"{LIST}/x-stability-level", "beta"), "~ operation listSessions R"),
    "a callback more": (
        put(
            f"{CREATE}/callbacks",
            {
                "done": {
                    "{$request.body#/callback}": {
                        "post": {"responses": {"200": {"description": "Taken."}}}
                    }
                }
            },
        ),
        "+ callback createSession done A",
    ),
    "prose of a call: keys remembered for less": (
        put(
            f"{CREATE}/description",
            "Opens a flow. Repeating a request with its key gives the original answer for 2 hours.",
        ),
        "~ prose createSession RW",
    ),
    "prose of a call: other words": (
        put(
            f"{CREATE}/description",
            "Opens a flow. Sending a request again with its key repeats the answer for 24 hours.",
        ),
        "~ prose createSession M",
    ),
    "prose of a call: nothing telling": (
        put(
            f"{CREATE}/description",
            "Begins a flow. Repeating a request with its key gives the original answer for 24 hours.",
        ),
        None,
    ),
    "a summary": (put(f"{LIST}/summary", "All of them"), None),
    "examples and extensions": (
        all_of(
            put("x-vendor", 1), put(f"{SESSION}/id/examples", ["s_1"]), put(f"{LIST}/x-order", 2)
        ),
        None,
    ),
    "the order of everything": (
        lambda d: d.update(
            paths=dict(reversed(d["paths"].items())),
            components=dict(reversed(d["components"].items())),
        ),
        None,
    ),
    "a scope less for a call": (
        put(f"{P}/~reports/post/security", [{"partnerLogin": ["read"]}]),
        "~ operation createReport A",
    ),
    "a scope more for a call": (
        put(f"{P}/~reports/post/security", [{"partnerLogin": ["read", "write", "report"]}]),
        "~ operation createReport W",
    ),
    "no key any more, and no other way": (
        put(f"{CREATE}/security", []),
        "~ operation createSession A",
    ),
    "a path less": (drop(f"{P}/~sessions~{{id}}~notes"), "- operation addNote W"),
    "a deprecated operation less": (drop(RATES), "- operation listRates R"),
    "a deprecated path less": (drop(f"{P}/~rates"), "- operation listRates R"),
    "an operation deprecated, with an end": (
        all_of(put(f"{LIST}/deprecated", True), put(f"{LIST}/x-sunset", "2028-01-01")),
        "~ operation listSessions A",
    ),
    "an end that is no date": (
        all_of(put(f"{LIST}/deprecated", True), put(f"{LIST}/x-sunset", "soon")),
        "~ operation listSessions A",
    ),
    "an end taken back": (drop(f"{RATES}/x-sunset"), "~ operation listRates A"),
    "a stability that nobody knows": (
        put(f"{LIST}/x-stability-level", "weekly"),
        "~ operation listSessions A",
    ),
    "a second tag": (put(f"{LIST}/tags", ["sessions", "payments"]), None),
}
PARAMETERS = {
    "a parameter more": (add(f"{LIST}/parameters", {"name": "flow", "in": "query", "schema": STRING}),
                         "+ parameter listSessions query flow A"),
    "a parameter more, demanded": (
        add(f"{LIST}/parameters", {"name": "flow", "in": "query", "required": True, "schema": STRING}),
        "+ parameter listSessions query flow W"),
    "a parameter less": (drop(f"{LIST}/parameters/1"), "- parameter listSessions query status W"),
    "a parameter called otherwise": (put(f"{LIST}/parameters/1/name", "state"),
        "+ parameter listSessions query state A | - parameter listSessions query status W"),
    "a parameter in a header": (put(f"{LIST}/parameters/5/in", "header"),
        "+ parameter listSessions header archived A | - parameter listSessions query archived W"),
    "a parameter demanded now": (put(f"{LIST}/parameters/5/required", True), "~ parameter listSessions query archived W"),
    "a header demanded now": (put(f"{CREATE}/parameters/1/required", True), "~ parameter createSession header X-Partner W"),
    "a header no longer demanded": (put(f"{CREATE}/parameters/0/required", False),
                                    "~ parameter createSession header Idempotency-Key A"),
    "the key becomes a uuid": (put(f"{CREATE}/parameters/0/schema/format", "uuid"),
                               "~ parameter createSession header Idempotency-Key W"),
    "the key becomes shorter": (put(f"{CREATE}/parameters/0/schema/maxLength", 40),
                                "~ parameter createSession header Idempotency-Key W"),
    "the key becomes longer": (put(f"{CREATE}/parameters/0/schema/maxLength", 400),
                               "~ parameter createSession header Idempotency-Key A"),
    "the key is not bounded any more": (drop(f"{CREATE}/parameters/0/schema/maxLength"),
                                        "~ parameter createSession header Idempotency-Key A"),
    "a parameter deprecated": (put(f"{LIST}/parameters/5/deprecated", True), "~ parameter listSessions query archived A"),
    "a maximum lowered": (listed(0, maximum=50), "~ parameter listSessions query limit W"),
    "a maximum raised": (listed(0, maximum=200), "~ parameter listSessions query limit A"),
    "a maximum gone": (drop(f"{LIST}/parameters/0/schema/maximum"), "~ parameter listSessions query limit A"),
    "a minimum raised": (listed(0, minimum=2), "~ parameter listSessions query limit W"),
    "a minimum lowered": (listed(0, minimum=0), "~ parameter listSessions query limit A"),
    "a default changed": (listed(0, default=20), "~ parameter listSessions query limit W"),
    "a default gone": (drop(f"{LIST}/parameters/0/schema/default"), "~ parameter listSessions query limit W"),
    "a default more": (listed(5, default=True), "~ parameter listSessions query archived W"),
    "a format gone": (put(f"{LIST}/parameters/2/schema", STRING), "~ parameter listSessions query since W"),
    "an integer becomes a string": (put(f"{LIST}/parameters/0/schema", STRING), "~ parameter listSessions query limit W"),
    "an integer becomes a number": (listed(0, type="number"), "~ parameter listSessions query limit A"),
    "a parameter's pattern narrowed": (listed(3, pattern="^[A-Z]{3}$"), "~ parameter listSessions query currency W"),
    "a parameter's pattern widened": (listed(3, pattern="^[A-Za-z0-9]{3}$"), "~ parameter listSessions query currency A"),
    "a parameter's pattern gone": (put(f"{LIST}/parameters/3/schema", STRING), "~ parameter listSessions query currency A"),
    "a parameter's pattern more": (listed(5, type="string", pattern="^x$"), "~ parameter listSessions query archived W"),
    "a list shorter": (listed(4, maxItems=10), "~ parameter listSessions query ids W"),
    "a list longer": (listed(4, maxItems=90), "~ parameter listSessions query ids A"),
    "elements shorter": (listed(4, items={"type": "string", "maxLength": 10}), "~ parameter listSessions query ids W"),
    "elements longer": (listed(4, items={"type": "string", "maxLength": 90}), "~ parameter listSessions query ids A"),
    "elements of another type": (listed(4, items=INTEGER), "~ parameter listSessions query ids W"),
    "a list becomes one": (put(f"{LIST}/parameters/4/schema", STRING), "~ parameter listSessions query ids W"),
    "an enum becomes text": (put(f"{LIST}/parameters/1/schema", STRING), "~ parameter listSessions query status A"),
    "text becomes an enum": (put(f"{LIST}/parameters/3/schema", {"$ref": f"#/{S}/Flow"}),
                             "~ parameter listSessions query currency W"),
    "an enum in its place that says the same": (
        put(f"{LIST}/parameters/1/schema", {"type": "string", "enum": ["open", "completed", "expired"]}), None),
    "an enum in its place in another order": (
        put(f"{LIST}/parameters/1/schema", {"type": "string", "enum": ["expired", "open", "completed"]}), None),
    "a list written in one": (put(f"{LIST}/parameters/4/explode", False), "~ parameter listSessions query ids W"),
    "a list written otherwise": (put(f"{LIST}/parameters/4/style", "pipeDelimited"), "~ parameter listSessions query ids W"),
    "an id of another type": (put(f"{P}/~sessions~{{id}}/parameters/0/schema", {"type": "string", "format": "uuid"}),
                              "~ parameter deleteSession path id W | ~ parameter retrieveSession path id W"),
    "a parameter more for every call of a path": (
        put(f"{P}/~sessions/parameters", [{"name": "flow", "in": "query", "schema": STRING}]),
        "+ parameter createSession query flow A | + parameter listSessions query flow A"),
    "a parameter more for every call of a path, demanded": (
        put(f"{P}/~sessions/parameters", [{"name": "flow", "in": "query", "required": True, "schema": STRING}]),
        "+ parameter createSession query flow W | + parameter listSessions query flow W"),
    "an id more in a path": (
        all_of(move(f"{P}/~rates", f"{P}/~rates~{{pair}}"),
               put(f"{P}/~rates~{{pair}}/get/parameters", [{"name": "pair", "in": "path", "required": True, "schema": STRING}])),
        "~ operation listRates R | + parameter listRates path pair W"),
    "a deprecated parameter less": (drop(f"{LIST}/parameters/6"), "- parameter listSessions query page W"),
    "a parameter that ends sooner": (put(f"{LIST}/parameters/6/x-sunset", "2027-01-01"), "~ parameter listSessions query page W"),
    "a parameter that ends on no day": (put(f"{LIST}/parameters/6/x-sunset", "soon"), "~ parameter listSessions query page A"),
    "a field of a header demanded now": (put(f"{S}/Context/required", ["locale"]), "~ field Context.locale W"),
    "a field more of a header, demanded": (
        all_of(put(f"{S}/Context/properties/zone", STRING), put(f"{S}/Context/required", ["zone"])), "+ field Context.zone W"),
    "a field of a header of a few values": (
        put(f"{S}/Context/properties/locale", {"$ref": f"#/{S}/Flow"}), "~ field Context.locale W"),
}  # fmt: skip
ANSWERS = {
    "a way to the next call": (
        put(f"{CREATE}/responses/201/links", {"read": {"operationId": "retrieveSession", "parameters": {"id": "$response.body#/id"}}}),
        "+ link createSession 201 read A"),
    "an example of an answer": (put(f"{CREATE}/responses/201/{JSON}/example", {"id": "s_1"}), "~ response createSession 201 A"),
    "examples of a body": (put(f"{CREATE}/requestBody/{JSON}/examples", {"least": {"value": {"amount": "1.50"}}}), "~ body createSession A"),
    "an example of an event": (put(f"{HOOK}/requestBody/{JSON}/example", {"id": "e_1"}), "~ event session.completed A"),
    "a second name": (second_name("Note", "Remark"), None),
    "a second name of an enum": (second_name("SessionStatus", "State", description="Where it stands."), None),
    "a second name that says more of money": (
        second_name("Rate", "Price", description="In minor units."), "~ prose listRates 200 R"),
    "a second name that is a part, and says more of money": (
        all_of(second_name("Rate", "Price"), put(f"{S}/Price", {"allOf": [{"$ref": f"#/{S}/Rate"}], "description": "In minor units."})),
        "~ prose listRates 200 R"),
    "a second name of a class that says more of money": (
        second_name("Session", "Payment", description="Amounts are in minor units."),
        "+ prose SessionCompleted.data R | + prose SessionFailed.data R | + prose SessionList.data R"
        " | + prose answers 201 R | + prose retrieveSession 200 R"),
    "an answer in other words": (put(f"{ONE}/responses/200/description", "Amounts in minor units."), "+ prose retrieveSession 200 R"),
    "an answer's reference in other words": (
        put(f"{ONE}/responses/200/{JSON}/schema", {"$ref": f"#/{S}/Session", "description": "Amounts in minor units."}),
        "+ prose retrieveSession 200 R"),
    "a body in other words": (put(f"{CREATE}/requestBody/description", "Amounts in minor units."), "+ prose createSession body W"),
    "a header of an answer in other words": (
        put(f"{LIST}/responses/200/headers/X-Total/description", "An amount in minor units."), "+ prose answers X-Total R"),
    "elements in other words": (
        put(f"{S}/SessionList/properties/data/items/description", "Amounts in minor units."), "+ prose SessionList.data R"),
    "an alternative in other words": (put(f"{SESSION}/extra/oneOf/1/description", "An amount in minor units."), "+ prose Session.extra R"),
    "values of a map in other words": (put(f"{S}/Note/additionalProperties/description", "Minor units."), "+ prose Note.* RW"),
    "a tag in other words": (put("tags", [{"name": "sessions", "description": "Amounts are in minor units."}]), "~ prose info RW"),
    "a path in other words": (
        put(f"{P}/~sessions/description", "Amounts are in minor units."), "~ prose createSession RW | + prose listSessions RW"),
    "documents elsewhere in other words": (
        put("externalDocs", {"url": "https://x.example", "description": "Amounts are in minor units."}), "~ prose info RW"),
    "values of an enum in other words": (
        put(f"{S}/SessionStatus/x-enum-descriptions", ["Open.", "Authorised only.", "Over."]), "+ prose SessionStatus M"),
    "a key in other words": (put("components/securitySchemes/secretKey/description", "Signed with HMAC-SHA256."), "+ prose secretKey M"),
    "an event's body in other words": (put(f"{HOOK}/requestBody/description", "Amounts in minor units."), "+ prose event session.completed R"),
    "an event's answer in other words": (
        put(f"{HOOK}/responses/2XX/description", "Sent again for 3 days."), "+ prose session.completed 2XX M"),
    "a shared type in other words": (
        put(f"{S}/Amount/description", "Minor units."), "~ prose CreateSession.amount W | ~ prose Session.amount R"),
    "a status more, as before": (put(f"{CREATE}/responses/200", OK), "+ response createSession 200 A"),
    "a success of another shape": (
        put(f"{CREATE}/responses/202", {"description": "Later.", "content": {"application/json": {"schema": {"$ref": f"#/{S}/Note"}}}}),
        "+ response createSession 202 R"),
    "a success that says nothing": (put(f"{CREATE}/responses/202", {"description": "Later."}), "+ response createSession 202 R"),
    "an error more": (put(f"{ONE}/responses/410", ERROR), "+ response retrieveSession 410 A"),
    "an error of another shape": (
        put(f"{ONE}/responses/410", {"description": "No.", "content": {"application/json": {"schema": {"$ref": f"#/{S}/Note"}}}}),
        "+ response retrieveSession 410 R"),
    "a success less": (all_of(put(f"{CREATE}/responses/200", OK), drop(f"{CREATE}/responses/201")),
                       "+ response createSession 200 A | - response createSession 201 R"),
    "an error less": (drop(f"{CREATE}/responses/422"), "- response createSession 422 A"),
    "a rate limit less": (drop(f"{LIST}/responses/429"), "- response listSessions 429 A"),
    "an answer of another type": (put(f"{ONE}/responses/200/{JSON}/schema", {"$ref": f"#/{S}/Rate"}),
                                  "~ response retrieveSession 200 R"),
    "an answer that may be null": (
        put(f"{ONE}/responses/200/{JSON}/schema", {"oneOf": [{"$ref": f"#/{S}/Session"}, {"type": "null"}]}),
        "~ response retrieveSession 200 R"),
    "an answer that is a list": (
        put(f"{ONE}/responses/200/{JSON}/schema", {"type": "array", "items": {"$ref": f"#/{S}/Session"}}),
        "~ response retrieveSession 200 R"),
    "an answer that is one": (put(f"{RATES}/responses/200/{JSON}/schema", {"$ref": f"#/{S}/Rate"}), "~ response listRates 200 R"),
    "an answer that is not JSON": (move(f"{ONE}/responses/200/{JSON}", f"{ONE}/responses/200/content/text~csv"),
                                   "~ response retrieveSession 200 R"),
    "an answer as vendor JSON": (
        move(f"{ONE}/responses/200/{JSON}", f"{ONE}/responses/200/content/application~vnd.gate+json"),
        "~ response retrieveSession 200 R"),
    "an answer in one way more": (put(f"{ONE}/responses/200/content/text~csv", {"schema": STRING}),
                                  "~ response retrieveSession 200 A"),
    "an answer in one way less": (drop(f"{NOTE}/responses/200/content/text~csv"), "~ response addNote 200 R"),
    "what is no JSON, of another type": (put(f"{NOTE}/responses/200/content/text~csv/schema", INTEGER), "~ response addNote 200 R"),
    "a form of another model": (
        put(f"{NOTE}/requestBody/content/application~x-www-form-urlencoded/schema", {"$ref": f"#/{S}/Rate"}), "~ body addNote W"),
    "a body as vendor JSON": (
        move(f"{CREATE}/requestBody/{JSON}", f"{CREATE}/requestBody/content/application~vnd.gate+json"),
        "~ body createSession W"),
    "a body in one way less": (drop(f"{NOTE}/requestBody/content/application~x-www-form-urlencoded"), "~ body addNote W"),
    "a body in one way more": (put(f"{CREATE}/requestBody/content/text~csv", {"schema": STRING}), "~ body createSession A"),
    "a body demanded now": (put(f"{NOTE}/requestBody/required", True), "~ body addNote W"),
    "a body no longer demanded": (put(f"{CREATE}/requestBody/required", False), "~ body createSession A"),
    "a body less": (drop(f"{NOTE}/requestBody"), "- body addNote W"),
    "a body more": (put(f"{GONE}/requestBody", {"content": {"application/json": {"schema": {"$ref": f"#/{S}/Note"}}}}),
                    "+ body deleteSession A"),
    "a body more, demanded": (
        put(f"{GONE}/requestBody", {"required": True, "content": {"application/json": {"schema": {"$ref": f"#/{S}/Note"}}}}),
        "+ body deleteSession W"),
    "a body of another type": (put(f"{CREATE}/requestBody/{JSON}/schema", {"$ref": f"#/{S}/Note"}), "~ body createSession W"),
    "a header of an answer more": (put(f"{ONE}/responses/200/headers", {"ETag": {"schema": STRING}}),
                                   "+ header retrieveSession 200 ETag A"),
    "a header of an answer less": (drop(f"{LIST}/responses/200/headers/X-Request-Id"),
                                   "- header listSessions 200 X-Request-Id R"),
    "a header that may be missing now": (put(f"{LIST}/responses/200/headers/X-Request-Id/required", False),
                                         "~ header listSessions 200 X-Request-Id R"),
    "a header that is always there now": (put(f"{LIST}/responses/200/headers/X-Total/required", True),
                                          "~ header listSessions 200 X-Total A"),
    "a header in another case": (move(f"{LIST}/responses/200/headers/X-Request-Id", f"{LIST}/responses/200/headers/x-request-id"), None),
    "the key in another case": (put(f"{CREATE}/parameters/0/name", "idempotency-key"), None),
    "a header in another case that may be missing": (
        all_of(move(f"{LIST}/responses/200/headers/X-Request-Id", f"{LIST}/responses/200/headers/x-request-id"),
               drop(f"{LIST}/responses/200/headers/x-request-id/required")),
        "~ header listSessions 200 x-request-id R"),
    "a form written otherwise": (
        put(f"{NOTE}/requestBody/content/application~x-www-form-urlencoded/encoding", {"text": {"style": "spaceDelimited"}}),
        "~ body addNote W"),
    "a header of a few values": (put(f"{LIST}/responses/200/headers/X-Request-Id/schema/enum", ["a", "b"]),
                                 "~ header listSessions 200 X-Request-Id A"),
    "a header that may be null": (put(f"{LIST}/responses/200/headers/X-Request-Id/schema/nullable", True),
                                  "~ header listSessions 200 X-Request-Id R"),
    "a body left out has a value": (put(f"{NOTE}/requestBody/{JSON}/schema", {"type": "object", "default": {"text": "-"}}),
                                    "~ body addNote W"),
    "an answer deprecated as a whole": (put(f"{NOTE}/responses/200/{JSON}/schema", {"$ref": f"#/{S}/Note", "deprecated": True}),
                                        "~ response addNote 200 A"),
    "an answer as text of another shape": (
        put(f"{NOTE}/responses/200/{JSON}/schema", {"type": "string", "contentMediaType": "application/json", "contentSchema": STRING}),
        "~ response addNote 200 R"),
    "a header of another type": (put(f"{LIST}/responses/429/headers/Retry-After/schema", {"type": "string", "format": "date-time"}),
                                 "~ header listSessions 429 Retry-After R"),
    "an optional header of an answer less": (drop(f"{LIST}/responses/200/headers/X-Total"), "- header listSessions 200 X-Total R"),
    "a body of anything": (drop(f"{CREATE}/requestBody/{JSON}/schema"), "~ body createSession A"),
    "a body of something": (
        put(f"{P}/~reports/post/requestBody/{JSON}/schema", {"$ref": f"#/{S}/Note"}), "~ body createReport W"),
    "an answer of anything": (drop(f"{ONE}/responses/200/{JSON}/schema"), "~ response retrieveSession 200 R"),
    "an answer of something": (
        put(f"{P}/~reports/post/responses/200/{JSON}/schema", {"$ref": f"#/{S}/Note"}), "~ response createReport 200 A"),
    "an answer of any media type": (
        move(f"{ONE}/responses/200/{JSON}", f"{ONE}/responses/200/content/*~*"), "~ response retrieveSession 200 R"),
}  # fmt: skip
READ = {
    "a field more": (read("refid", STRING), "+ field Session.refid A"),
    "a field less": (drop(f"{SESSION}/score"), "- field Session.score R"),
    "a demanded field less": (drop(f"{SESSION}/active"), "- field Session.active R"),
    "a field called otherwise": (move(f"{SESSION}/score", f"{SESSION}/rating"), "+ field Session.rating A | - field Session.score R"),
    "a field that may be missing": (less(f"{S}/Session/required", "count"), "~ field Session.count R"),
    "a field that is always there": (add(f"{S}/Session/required", "score"), "~ field Session.score A"),
    "a field that may be null": (put(f"{SESSION}/count/type", ["integer", "null"]), "~ field Session.count R"),
    "a field that is never null": (put(f"{SESSION}/fee/type", "string"), "~ field Session.fee A"),
    "a flag becomes text": (read("active", STRING), "~ field Session.active R"),
    "a flag is always true": (read("active", {"type": "boolean", "const": True}), "~ field Session.active A"),
    "a flag is always true, as an enum": (read("active", {"type": "boolean", "enum": [True]}), "~ field Session.active A"),
    "an integer becomes a number, read": (read("count", {"type": "number", "minimum": 0, "maximum": 10}), "~ field Session.count R"),
    "a number becomes an integer, read": (read("score", INTEGER), "~ field Session.score A"),
    "a maximum raised, read": (put(f"{SESSION}/count/maximum", 99), "~ field Session.count R"),
    "a maximum lowered, read": (put(f"{SESSION}/count/maximum", 5), "~ field Session.count A"),
    "a minimum lowered, read": (put(f"{SESSION}/count/minimum", -1), "~ field Session.count R"),
    "a minimum raised, read": (put(f"{SESSION}/count/minimum", 1), "~ field Session.count A"),
    "a minimum gone, read": (drop(f"{SESSION}/count/minimum"), "~ field Session.count R"),
    "text longer, read": (put(f"{SESSION}/note/maxLength", 999), "~ field Session.note R"),
    "text unbounded, read": (drop(f"{SESSION}/note/maxLength"), "~ field Session.note R"),
    "text shorter, read": (put(f"{SESSION}/note/maxLength", 10), "~ field Session.note A"),
    "text of some length, read": (put(f"{SESSION}/note/minLength", 1), "~ field Session.note A"),
    "no length said in so many words": (put(f"{SESSION}/note/minLength", 0), "~ field Session.note A"),
    "a pattern widened, read": (put(f"{SESSION}/currency/pattern", "^[A-Za-z]{3}$"), "~ field Session.currency R"),
    "a pattern narrowed, read": (put(f"{SESSION}/currency/pattern", "^(EUR|USD)$"), "~ field Session.currency A"),
    "a pattern gone, read": (drop(f"{SESSION}/currency/pattern"), "~ field Session.currency R"),
    "a pattern more, read": (put(f"{SESSION}/id/pattern", "^s_"), "~ field Session.id A"),
    "amounts may hold commas": (
        put(f"{S}/Amount/pattern", r"^-?[0-9,]+(\.[0-9]+)?$"), "~ field CreateSession.amount A | ~ field Session.amount R"),
    "amounts lose their sign": (
        put(f"{S}/Amount/pattern", r"^(0|[1-9][0-9]*)(\.[0-9]+)?$"), "~ field CreateSession.amount W | ~ field Session.amount A"),
    "amounts of two digits": (
        put(f"{S}/Amount/pattern", r"^-?(0|[1-9][0-9]*)(\.[0-9]{2})?$"), "~ field CreateSession.amount W | ~ field Session.amount A"),
    "amounts of any text": (drop(f"{S}/Amount/pattern"), "~ field CreateSession.amount A | ~ field Session.amount R"),
    "an amount as a number": (read("amount", {"type": "number"}), "~ field Session.amount R | - prose Session.amount M"),
    "an amount as an integer": (read("amount", INTEGER), "~ field Session.amount R | - prose Session.amount M"),
    "an amount as text": (read("fee", {"type": ["string", "null"], "description": "What we keep."}), "~ field Session.fee R"),
    "text as an amount": (read("note", {"type": "string", "format": "decimal", "description": "For people."}),
                          "~ field Session.note R | + prose Session.note M"),
    "an amount marked, as a number": (read("fee", {"type": ["number", "null"], "format": "decimal", "description": "What we keep."}),
                                      "~ field Session.fee R"),
    "a fee in minor units": (put(f"{SESSION}/fee/description", "What we keep, in cents."), "~ prose Session.fee R"),
    "an amount in minor units": (
        put(f"{SESSION}/amount/description", "What you asked for, in minor units, fees included."), "~ prose Session.amount R"),
    "an amount whose examples are other units": (
        put(f"{SESSION}/price/examples", ["4990"]),
        "~ prose Session.price R"),
    "an amount of other examples": (put(f"{SESSION}/price/examples", ["12.50"]), None),
    "an amount without an example": (drop(f"{SESSION}/price/examples"), "- prose Session.price M"),
    "a status that means less": (
        put(f"{S}/SessionStatus/description", "completed: authorised only, not captured."), "+ prose Session.status M | + prose SessionStatus M | + prose listSessions query status M"),
    "a currency in lower case, by its words": (put(f"{SESSION}/currency/description", "In lower-case."), "+ prose Session.currency M"),
    "an amount without fees": (
        put(f"{SESSION}/amount/description", "What you asked for, in major units, fees excluded."), "~ prose Session.amount R"),
    "an amount in other words": (
        put(f"{SESSION}/amount/description", "What was asked for: major units, fees included."), "~ prose Session.amount M"),
    "an amount of which nothing is said": (drop(f"{SESSION}/amount/description"), "- prose Session.amount M"),
    "what is no money in other words": (put(f"{SESSION}/note/description", "For your people."), None),
    "a moment as text": (read("created_at", STRING), "~ field Session.created_at R"),
    "a moment as a number": (read("created_at", INTEGER), "~ field Session.created_at R"),
    "a day": (read("created_at", {"type": "string", "format": "date"}), "~ field Session.created_at R"),
    "text as a moment": (read("note", {"type": "string", "format": "date-time", "maxLength": 200, "description": "For people."}),
                         "~ field Session.note R"),
    "an address as text": (read("return_url", STRING), "~ field Session.return_url R"),
    "text as an address": (read("id", {"type": "string", "format": "uri"}), "~ field Session.id A"),
    "a secret as text": (read("client_secret", {"type": "string", "x-secret": False}), "~ field Session.client_secret R"),
    "a new secret, by its name": (read("webhook_secret", STRING), "+ field Session.webhook_secret A"),
    "a union wider": (read("extra", {"oneOf": [{"type": "string", "maxLength": 40}, INTEGER, {"type": "boolean"}]}),
                      "~ field Session.extra R"),
    "a union narrower": (read("extra", {"type": "string", "maxLength": 40}), "~ field Session.extra A"),
    "a union in another order": (read("extra", {"oneOf": [INTEGER, {"type": "string", "maxLength": 40}]}), None),
    "a bound in a union": (read("extra", {"oneOf": [{"type": "string", "maxLength": 90}, INTEGER]}), "~ field Session.extra R"),
    "a model more in a union": (
        read("method", {"oneOf": [{"$ref": f"#/{S}/{n}"} for n in ("Card", "Bank", "Cash")]}), "~ field Session.method R"),
    "a model less in a union": (read("method", {"$ref": f"#/{S}/Card"}), "~ field Session.method A"),
    "a union told apart": (put(f"{SESSION}/method/discriminator", {"propertyName": "kind"}), "~ field Session.method A"),
    "a field of a model in a union": (drop(f"{S}/Card/properties/last4"), "- field Card.last4 R"),
    "a list longer, read": (put(f"{SESSION}/tags/maxItems", 99), "~ field Session.tags R"),
    "a list shorter, read": (put(f"{SESSION}/tags/maxItems", 5), "~ field Session.tags A"),
    "elements longer, read": (put(f"{SESSION}/tags/items/maxLength", 99), "~ field Session.tags R"),
    "elements that may be null": (put(f"{SESSION}/tags/items/type", ["string", "null"]), "~ field Session.tags R"),
    "elements of another type, read": (put(f"{SESSION}/tags/items", INTEGER), "~ field Session.tags R"),
    "a list becomes text": (read("tags", STRING), "~ field Session.tags R"),
    "a map of more": (put(f"{SESSION}/metadata/maxProperties", 99), "~ field Session.metadata R"),
    "a map of less": (put(f"{SESSION}/metadata/maxProperties", 5), "~ field Session.metadata A"),
    "a constant of another value": (put(f"{SESSION}/object/const", "gate_session"), "~ field Session.object R"),
    "a constant becomes text": (read("object", STRING), "~ field Session.object R"),
    "text becomes a constant": (read("id", {"type": "string", "const": "s"}), "~ field Session.id A"),
    "a value more": (add(f"{S}/SessionStatus/enum", "refunded"), '+ enum SessionStatus "refunded" A'),
    "an enum becomes text, read": (read("status", STRING), "~ field Session.status R"),
    "text becomes an enum, read": (read("note", {"$ref": f"#/{S}/Flow", "description": "For people."}), "~ field Session.note A"),
    "an enum in its place that says the same, read": (
        read("status", {"type": "string", "enum": ["open", "completed", "expired"]}), None),
    "an open enum with one value more": (put(f"{SESSION}/region/x-extensible-enum", ["eu", "us", "uk"]), "~ field Session.region A"),
    "a field deprecated": (put(f"{SESSION}/score/deprecated", True), "~ field Session.score A"),
    "a field no longer deprecated": (drop(f"{SESSION}/legacy/deprecated"), "~ field Session.legacy A"),
    "a field less stable": (put(f"{SESSION}/score/x-stability-level", "beta"), "~ field Session.score R"),
    "a field said to be stable": (put(f"{SESSION}/score/x-stability-level", "stable"), "~ field Session.score A"),
    "elements that nobody may send, read": (put(f"{SESSION}/tags/items/readOnly", True), "~ field Session.tags A"),
    "elements deprecated": (put(f"{SESSION}/tags/items/deprecated", True), "~ field Session.tags A"),
    "elements told apart": (
        read("method", {"type": "array", "items": {"oneOf": [{"$ref": f"#/{S}/Card"}, {"$ref": f"#/{S}/Bank"}],
                                                   "discriminator": {"propertyName": "kind"}}}),
        "~ field Session.method R"),
    "text in another shape inside": (put(f"{SESSION}/note/contentSchema", STRING), "~ field Session.note A"),
    "no elements beyond those that are told": (put(f"{SESSION}/tags/unevaluatedItems", False), "~ field Session.tags A"),
    "a field with an end": (put(f"{SESSION}/legacy/x-sunset", "2027-01-01"), "~ field Session.legacy A"),
    "a field that is not read any more": (put(f"{SESSION}/score/writeOnly", True), "~ field Session.score R"),
    "a field that is only read": (put(f"{SESSION}/score/readOnly", True), "~ field Session.score A"),
    "a default of what is read": (put(f"{SESSION}/score/default", 1), "~ field Session.score A"),
    "an answer closed": (put(f"{S}/Session/additionalProperties", False), "+ model Session A"),
    "an answer with few fields": (put(f"{S}/Session/maxProperties", 99), "+ model Session A"),
    "a rule that nobody enforces": (put(f"{S}/Session/dependentRequired", {"fee": ["amount"]}), "+ model Session A"),
    "a field that nobody may send, of a rule": (put(f"{SESSION}/id/not", {"const": ""}), "~ field Session.id A"),
    "a model deprecated": (put(f"{S}/Session/deprecated", True), "+ model Session A"),
    "a field that never comes less": (drop(f"{SESSION}/draft"), "- field Session.draft A"),
    "a demanded field that never comes less": (drop(f"{SESSION}/sealed"), "- field Session.sealed A"),
    "a field that never comes more": (read("seed", {"type": "string", "writeOnly": True}), "+ field Session.seed A"),
    "a demanded field that never comes more": (
        all_of(read("seed", {"type": "string", "writeOnly": True}), add(f"{S}/Session/required", "seed")), "+ field Session.seed A"),
    "a demanded field more": (all_of(read("refid", STRING), add(f"{S}/Session/required", "refid")), "+ field Session.refid A"),
    "a field that never comes, demanded now": (add(f"{S}/Session/required", "draft"), "~ field Session.draft A"),
    "a field that never comes, no longer demanded": (less(f"{S}/Session/required", "sealed"), "~ field Session.sealed A"),
    "a field that never comes, of other values": (
        put(f"{SESSION}/draft/x-extensible-enum", ["a", "b"]), "~ field Session.draft A"),
    "a demanded field that is not read any more": (put(f"{SESSION}/id/writeOnly", True), "~ field Session.id R"),
    "a demanded field that comes back now": (drop(f"{SESSION}/sealed/writeOnly"), "~ field Session.sealed A"),
    "a demanded field that is only read": (put(f"{SESSION}/id/readOnly", True), "~ field Session.id A"),
}  # fmt: skip
SENT = {
    "a field more, sent": (sent("locale", STRING), "+ field CreateSession.locale A"),
    "a field more, demanded, sent": (all_of(sent("locale", STRING), add(f"{S}/CreateSession/required", "locale")),
                                     "+ field CreateSession.locale W"),
    "a field less, sent": (drop(f"{REQUEST}/callback"), "- field CreateSession.callback W"),
    "a field demanded now": (add(f"{S}/CreateSession/required", "flow"), "~ field CreateSession.flow W"),
    "a field no longer demanded": (less(f"{S}/CreateSession/required", "currency"), "~ field CreateSession.currency A"),
    "null not taken any more": (sent("nickname", STRING), "~ field CreateSession.nickname W"),
    "null taken now": (put(f"{REQUEST}/callback/type", ["string", "null"]), "~ field CreateSession.callback A"),
    "text shorter": (put(f"{REQUEST}/reference/maxLength", 10), "~ field CreateSession.reference W"),
    "text longer": (put(f"{REQUEST}/reference/maxLength", 99), "~ field CreateSession.reference A"),
    "text bounded": (put(f"{REQUEST}/callback/maxLength", 99), "~ field CreateSession.callback W"),
    "text of more length": (put(f"{REQUEST}/currency/minLength", 4), "~ field CreateSession.currency W"),
    "text of less length": (put(f"{REQUEST}/currency/minLength", 1), "~ field CreateSession.currency A"),
    "a pattern narrowed": (put(f"{REQUEST}/reference/pattern", "^[A-Z0-9]+$"), "~ field CreateSession.reference W"),
    "a pattern widened": (put(f"{REQUEST}/reference/pattern", "^[A-Za-z0-9_. -]+$"), "~ field CreateSession.reference A"),
    "a pattern gone": (drop(f"{REQUEST}/reference/pattern"), "~ field CreateSession.reference A"),
    "a pattern more": (put(f"{REQUEST}/callback/pattern", "^https:"), "~ field CreateSession.callback W"),
    "a pattern nobody can compare": (put(f"{REQUEST}/reference/pattern", "^([A-Za-z0-9_-]+)+$"), "~ field CreateSession.reference W"),
    "a format more": (put(f"{REQUEST}/callback/format", "uri"), "~ field CreateSession.callback W"),
    "a format gone, sent": (sent("email", STRING), "~ field CreateSession.email A"),
    "a format changed": (put(f"{REQUEST}/email/format", "idn-email"), "~ field CreateSession.email W"),
    "a minimum raised, sent": (put(f"{REQUEST}/quantity/minimum", 2), "~ field CreateSession.quantity W"),
    "a minimum lowered, sent": (put(f"{REQUEST}/quantity/minimum", 0), "~ field CreateSession.quantity A"),
    "a maximum lowered, sent": (put(f"{REQUEST}/quantity/maximum", 5), "~ field CreateSession.quantity W"),
    "a maximum gone, sent": (drop(f"{REQUEST}/quantity/maximum"), "~ field CreateSession.quantity A"),
    "a limit that excludes itself": (put(f"{REQUEST}/step/exclusiveMinimum", 1), "~ field CreateSession.step W"),
    "a coarser step": (put(f"{REQUEST}/step/multipleOf", 0.05), "~ field CreateSession.step W"),
    "a finer step": (put(f"{REQUEST}/step/multipleOf", 0.001), "~ field CreateSession.step A"),
    "no step": (drop(f"{REQUEST}/step/multipleOf"), "~ field CreateSession.step A"),
    "a default changed, sent": (put(f"{REQUEST}/quantity/default", 2), "~ field CreateSession.quantity W"),
    "an integer becomes a number, sent": (put(f"{REQUEST}/quantity/type", "number"), "~ field CreateSession.quantity A"),
    "a number becomes an integer": (put(f"{REQUEST}/step/type", "integer"), "~ field CreateSession.step W"),
    "text becomes an integer": (sent("callback", INTEGER), "~ field CreateSession.callback W"),
    "an amount becomes a number, sent": (sent("amount", {"type": "number"}), "~ field CreateSession.amount W | - prose CreateSession.amount M"),
    "an amount in minor units, sent": (put(f"{REQUEST}/amount/description", "How much, in minor units."), "~ prose CreateSession.amount W"),
    "a value less": (less(f"{S}/Flow/enum", "off_ramp"), '- enum Flow "off_ramp" W'),
    "a value for another": (put(f"{S}/Flow/enum", ["on_ramp", "off"]), '+ enum Flow "off" A | - enum Flow "off_ramp" W'),
    "no elements beyond, sent": (put(f"{REQUEST}/labels/unevaluatedItems", False), "~ field CreateSession.labels W"),
    "text in a shape, sent": (put(f"{REQUEST}/callback/contentSchema", STRING), "~ field CreateSession.callback W"),
    "a field less stable, sent": (put(f"{REQUEST}/callback/x-stability-level", "alpha"), "~ field CreateSession.callback W"),
    "elements that nobody may send": (put(f"{REQUEST}/labels/items/readOnly", True), "~ field CreateSession.labels W"),
    "values of a map have a default": (
        put(f"{S}/Note/additionalProperties", {"type": "string", "default": "-"}), "~ field Note.* W"),
    "an enum becomes text, sent": (sent("flow", STRING), "~ field CreateSession.flow A"),
    "text becomes an enum, sent": (sent("callback", {"$ref": f"#/{S}/SessionStatus"}), "~ field CreateSession.callback W"),
    "a union narrower, sent": (sent("value", STRING), "~ field CreateSession.value W"),
    "a union wider, sent": (sent("value", {"oneOf": [STRING, INTEGER, {"type": "boolean"}]}), "~ field CreateSession.value A"),
    "a list longer, sent": (put(f"{REQUEST}/labels/maxItems", 50), "~ field CreateSession.labels A"),
    "a list shorter, sent": (put(f"{REQUEST}/labels/maxItems", 2), "~ field CreateSession.labels W"),
    "a list of more": (put(f"{REQUEST}/labels/minItems", 2), "~ field CreateSession.labels W"),
    "elements twice": (put(f"{REQUEST}/labels/uniqueItems", False), "~ field CreateSession.labels A"),
    "elements once": (all_of(drop(f"{REQUEST}/labels/uniqueItems"), sent("tags", {"type": "array", "items": STRING})),
                      "~ field CreateSession.labels A | + field CreateSession.tags A"),
    "a map of less, sent": (put(f"{REQUEST}/metadata/maxProperties", 5), "~ field CreateSession.metadata W"),
    "a map of something": (put(f"{REQUEST}/metadata/minProperties", 1), "~ field CreateSession.metadata W"),
    "a map of nothing": (put(f"{REQUEST}/metadata/additionalProperties", False), "~ field CreateSession.metadata W"),
    "a flag that has to be true": (sent("test", {"type": "boolean", "enum": [True]}), "~ field CreateSession.test W"),
    "a flag that has to be true, as a constant": (sent("test", {"const": True}), "~ field CreateSession.test W"),
    "a field that nobody may send": (put(f"{REQUEST}/callback/readOnly", True), "~ field CreateSession.callback W"),
    "a field that may be sent now": (drop(f"{S}/Note/properties/author/readOnly"), "~ field Note.author A"),
    "a field that comes back now": (drop(f"{S}/Note/properties/pin_code/writeOnly"), "~ field Note.pin_code A"),
    "a request opened": (drop(f"{S}/CreateSession/additionalProperties"), "~ model CreateSession A"),
    "a request closed": (put(f"{S}/Note/additionalProperties", False), "+ model Note W | - field Note.* RW"),
    "others of another type": (put(f"{S}/Note/additionalProperties", INTEGER), "~ field Note.* RW"),
    "others of any type": (put(f"{S}/Note/additionalProperties", True), "- field Note.* R"),
    "more fields demanded": (put(f"{S}/CreateSession/minProperties", 3), "~ model CreateSession W"),
    "fewer fields demanded": (put(f"{S}/CreateSession/minProperties", 1), "~ model CreateSession A"),
    "fewer fields allowed": (put(f"{S}/CreateSession/maxProperties", 5), "~ model CreateSession W"),
    "text for both, shorter": (put(f"{S}/Note/properties/text/maxLength", 100), "~ field Note.text W"),
    "text for both, longer": (put(f"{S}/Note/properties/text/maxLength", 900), "~ field Note.text R"),
    "a field for both less": (drop(f"{S}/Note/properties/text"), "- field Note.text RW"),
    "a rule for two fields": (put(f"{S}/CreateSession/dependentRequired", {"flow": ["reference"]}), "~ model CreateSession W"),
    "a field more, demanded, with a default": (
        all_of(sent("locale", {"type": "string", "default": "en"}), add(f"{S}/CreateSession/required", "locale")),
        "+ field CreateSession.locale W"),
    "a field with a default, demanded now": (add(f"{S}/CreateSession/required", "quantity"), "~ field CreateSession.quantity W"),
    "a demanded field that nobody may send": (put(f"{REQUEST}/currency/readOnly", True), "~ field CreateSession.currency W"),
    "a demanded field that has to be sent now": (drop(f"{REQUEST}/made_at/readOnly"), "~ field CreateSession.made_at W"),
    "a field that nobody may send less": (drop(f"{REQUEST}/number"), "- field CreateSession.number A"),
    "a field that nobody may send, demanded": (add(f"{S}/CreateSession/required", "number"), "~ field CreateSession.number A"),
    "a field that nobody may send, lower": (put(f"{REQUEST}/number/maximum", 5), "~ field CreateSession.number A"),
    "a field more that nobody may send, demanded": (
        all_of(sent("code", {"type": "string", "readOnly": True}), add(f"{S}/CreateSession/required", "code")),
        "+ field CreateSession.code A"),
    "a field that is only sent": (put(f"{REQUEST}/callback/writeOnly", True), "~ field CreateSession.callback A"),
    "a demanded field that is only sent": (put(f"{REQUEST}/currency/writeOnly", True), "~ field CreateSession.currency A"),
}  # fmt: skip
EVENTS = {
    "an event less": (drop("webhooks/session.failed"), "- event session.failed R"),
    "an event more": (
        all_of(
            put(f"{S}/SessionOpened", {"type": "object", "required": ["type"], "properties": {"type": {"const": "session.opened"}}}),
            put("webhooks/session.opened", {"post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": f"#/{S}/SessionOpened"}}}},
                                                     "responses": {"2XX": {"description": "Taken."}}}}),
        ),
        "+ event session.opened A | + event-answer session.opened 2XX A | + field SessionOpened.type A",
    ),
    "an event under another key": (move("webhooks/session.failed", "webhooks/sessionFailed"), None),
    "an event of another type": (put(f"{S}/SessionFailed/properties/type/const", "session.broken"),
        "+ event session.broken A | + event-answer session.broken 2XX A | + event-header session.broken Gate-Signature A"
        " | - event session.failed R | ~ field SessionFailed.type R"),
    "an event with another payload": (put(f"{HOOK}/requestBody/{JSON}/schema/$ref", f"#/{S}/Session"),
                                      "~ event session.completed R"),
    "an event in one way more": (put(f"{HOOK}/requestBody/content/text~csv", {"schema": STRING}), "~ event session.completed R"),
    "an event with a key": (put(f"{HOOK}/security", [{"secretKey": []}]), "~ event session.completed A"),
    "an event as a form": (move(f"{HOOK}/requestBody/{JSON}", f"{HOOK}/requestBody/content/application~x-www-form-urlencoded"),
                           "- event session.completed R"),
    "an event by another method": (move(HOOK, "webhooks/session.completed/put"), "~ event session.completed R"),
    "the signature in another header": (
        all_of(put(f"{HOOK}/parameters/0/name", "X-Sig"), put("webhooks/session.failed/post/parameters/0/name", "X-Sig")),
        "+ event-header session.completed X-Sig A | - event-header session.completed Gate-Signature R"
        " | + event-header session.failed X-Sig A | - event-header session.failed Gate-Signature R"),
    "the signature in other words": (
        all_of(*[put(f"webhooks/{n}/post/parameters/0/description", "HMAC-SHA512 of the raw body, in hex, at most 300 seconds old.")
                 for n in ("session.completed", "session.failed")]),
        "~ prose events Gate-Signature R"),
    "a signature good for longer": (
        all_of(*[put(f"webhooks/{n}/post/parameters/0/description", "HMAC-SHA256 of the raw body, in hex, at most 600 seconds old.")
                 for n in ("session.completed", "session.failed")]),
        "~ prose events Gate-Signature R"),
    "a signature that may be missing": (put(f"{HOOK}/parameters/0/required", False), "~ event-header session.completed Gate-Signature R"),
    "a header of an event less": (drop(f"{HOOK}/parameters/1"), "- event-header session.completed X-Event-Id R"),
    "a header of an event more": (add(f"{HOOK}/parameters", {"name": "X-Try", "in": "header", "schema": INTEGER}),
                                  "+ event-header session.completed X-Try A"),
    "another answer wanted": (move(f"{HOOK}/responses/2XX", f"{HOOK}/responses/202"),
        "+ event-answer session.completed 202 A | - event-answer session.completed 2XX R"),
    "an answer wanted in words": (put(f"{HOOK}/responses/2XX/content", {"application/json": {"schema": {"$ref": f"#/{S}/Note"}}}),
                                  "~ event-answer session.completed 2XX R"),
    "a field of an event less": (drop(f"{S}/SessionCompleted/properties/id"), "- field SessionCompleted.id R"),
    "a field of an event more": (put(f"{S}/SessionCompleted/properties/attempt", INTEGER), "+ field SessionCompleted.attempt A"),
    "an event told by a sentence on money": (put(f"{HOOK}/description", "Paid. Amounts are in minor units."),
                                             "+ prose event session.completed R"),
}  # fmt: skip
RENAMED = {
    "a model": (called("Session", "PaymentSession"), None, "Session -> PaymentSession"),
    "a model in lower case": (called("Session", "session"), None, None),
    "a model in snake case": (called("SessionList", "session_list"), None, None),
    "a model with dots": (called("SessionCompleted", "session.completed"), None, None),
    "an enum": (called("SessionStatus", "Status"), None, "SessionStatus -> Status"),
    "an operation": (put(f"{LIST}/operationId", "sessions.findAll"), None, "listSessions -> sessions.findAll"),
    "a model of both sides, and a field more": (
        all_of(called("Note", "Remark"), put(f"{S}/Remark/properties/mood", STRING)),
        "+ field Remark.mood A", "Note -> Remark"),
    "a model that lost a field": (all_of(called("Session", "Payment"), drop(f"{S}/Payment/properties/score")),
                                  "- field Payment.score R", "Session -> Payment"),
    "an operation elsewhere under another name": (
        all_of(move(f"{P}/~rates", f"{P}/~prices"), put(f"{P}/~prices/get/operationId", "findPrices")),
        "~ operation findPrices R", "listRates -> findPrices"),
    "an id in a path": (
        lambda d: (d["paths"].update({"/sessions/{session}": d["paths"].pop("/sessions/{id}")}),
                   put(f"{P}/~sessions~{{session}}/parameters/0/name", "session")(d)),
        "~ operation deleteSession W | ~ operation retrieveSession R | + parameter deleteSession path session W"
        " | - parameter deleteSession path id W | + parameter retrieveSession path session W | - parameter retrieveSession path id W",
        None),
}  # fmt: skip

#: What is told, and not adopted.
REFUSED = {
    "read: an amount marked, as a number": "Session.fee is money as a JSON number, which most readers round",
}


def _rows() -> tuple[Alteration, ...]:
    plain = {
        f"{group}: {name}": row
        for group, table in (("about", SURROUNDINGS), ("call", CALLS), ("parameter", PARAMETERS),
                             ("answer", ANSWERS), ("read", READ), ("sent", SENT), ("event", EVENTS))
        for name, row in table.items()
    }  # fmt: skip
    found = [
        Alteration(name, alter, _lines(told), refused=REFUSED.get(name, ""))
        for name, (alter, told) in plain.items()
    ]
    return (
        *found,
        *(
            Alteration(f"renamed: {name}", alter, _lines(told), (new,) if new else ())
            for name, (alter, told, new) in RENAMED.items()
        ),
    )


def _lines(told: str | None) -> tuple[str, ...]:
    return tuple(told.split(" | ")) if told else ()


ALTERATIONS = _rows()
