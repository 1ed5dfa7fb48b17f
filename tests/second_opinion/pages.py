"""Validates the examples of lists, and pages with null, with openapi-schema-validator."""

import sys

import yaml
from openapi_schema_validator import OAS30ReadValidator

with open(sys.argv[1], encoding="utf-8") as file:
    components = yaml.safe_load(file)["components"]
validator = OAS30ReadValidator(
    {
        "components": components,
        "allOf": [{"$ref": "#/components/schemas/UserIdentityCollection"}],
    }
)
examples = components["examples"]
for page in [
    examples["LastPage"]["value"],
    examples["FirstPage"]["value"],
    {"users": [], "pagination": None, "links": None},
    {"users": [], "pagination": {"next": {"cursor": None}}, "links": {"self": None}},
]:
    validator.validate(page)
