"""Holds JSON reports to docs/json-schema.json: validate_json.py SCHEMA DOCUMENT..."""

import json
import sys

import jsonschema


def reject_duplicates(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"duplicate key in {keys}")
    return dict(pairs)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    faults = 0
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as file:
            document = json.load(file, object_pairs_hook=reject_duplicates)
        for fault in validator.iter_errors(document):
            print(f"{path}: {fault.json_path}: {fault.message}")
            faults += 1
        # The schema must not be outgrown in silence either.
        for where, value, names in (
            ("$", document, schema["properties"]),
            *(
                (f"$.results[{i}]", result, schema["$defs"]["result"]["properties"])
                for i, result in enumerate(document["results"])
            ),
        ):
            for key in value.keys() - names.keys():
                print(f"{path}: {where}: the key '{key}' is not in the schema")
                faults += 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
