"""The JSON Schema against good and bad runbooks, as an editor would use it.

usage: json_schema_test.py PRINT_SCHEMA TESTDATA
"""

import datetime
import json
import pathlib
import subprocess
import sys
import tomllib
import unittest

import jsonschema

PRINT_SCHEMA, TESTDATA = sys.argv[1], pathlib.Path(sys.argv[2])

# What a schema can see. The other rules are about names, files and the world outside.
SEEN = """
    bad-choice bad-duration bad-id bad-use missing-key missing-parameter out-of-bounds
    parameter-type parameter-value unknown-check unknown-key unknown-parameter version
    missing-key-empty-name missing-parameter-one-of version-2 version-text wrong-type
    wrong-type-include secret-literal wrong-type-env-file wrong-type-include-item
""".split()


def plain(value):
    """TOML's dates as JSON has them: text."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, (datetime.date, datetime.time)) else value


def load(name):
    return plain(tomllib.loads((TESTDATA / name).read_text()))


class JsonSchema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        text = subprocess.run([PRINT_SCHEMA], check=True, capture_output=True, text=True).stdout
        cls.schema = json.loads(text)
        cls.validator = jsonschema.Draft202012Validator(cls.schema)

    def problems(self, runbook):
        return [error.message for error in self.validator.iter_errors(runbook)]

    def check(self, **keys):
        """The problems of a runbook of one check."""
        check = {"id": "api", "use": "health.endpoint", "with": {"url": "https://x"}} | keys
        return self.problems({"triage": 1, "name": "x", "step": [{"id": "one", "check": [check]}]})

    def test_is_a_schema_of_both_drafts(self):
        jsonschema.Draft202012Validator.check_schema(self.schema)
        jsonschema.Draft7Validator.check_schema(self.schema)

    def test_means_the_same_to_draft_07(self):
        old = jsonschema.Draft7Validator(self.schema)
        for path in sorted(TESTDATA.glob("*.toml")):
            try:
                runbook = load(path.name)
            except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
                continue
            self.assertEqual(old.is_valid(runbook), self.validator.is_valid(runbook), path.name)

    def test_accepts_good_runbooks(self):
        files = sorted(TESTDATA.glob("valid-*.toml"))
        self.assertTrue(files)
        for path in files:
            self.assertEqual(self.problems(load(path.name)), [], path.name)
        self.assertEqual(self.problems(load("everything-base.toml")), [])

    def test_rejects_what_it_can_see(self):
        for rule in SEEN:
            self.assertNotEqual(self.problems(load(f"invalid-{rule}.toml")), [], rule)

    def test_accepts_what_only_the_world_can_refuse(self):
        for rule in ["unset-variable", "unset-secret", "cycle", "unknown-id", "unused-grant"]:
            self.assertEqual(self.problems(load(f"invalid-{rule}.toml")), [], rule)

    def test_knows_the_parameters_of_each_check(self):
        self.assertEqual(self.check(), [])
        self.assertTrue(self.check(**{"with": {}}))
        self.assertTrue(self.check(**{"with": {"url": "https://x", "methd": "GET"}}))
        self.assertTrue(self.check(**{"with": {"url": "https://x", "method": "GTE"}}))
        self.assertEqual(self.check(**{"with": {"url": "https://x", "method": "HEAD"}}), [])
        self.assertTrue(self.check(use="cors.preflight"))
        self.assertTrue(self.check(use="cors.nothing"))

    def test_knows_of_which_parameters_one_is_needed(self):
        self.assertTrue(self.check(use="db.lines", **{"with": {"follow": "1s"}}))
        bare = {"id": "api", "use": "db.lines"}
        book = {"triage": 1, "name": "x", "step": [{"id": "one", "check": [bare]}]}
        self.assertTrue(self.problems(book))
        for one in [{"files": ["/x"]}, {"unit": "x"}, {"files": ["/x"], "unit": "x"}]:
            self.assertEqual(self.check(use="db.lines", **{"with": one}), [])

    def test_knows_a_list_of_one(self):
        for files, good in [([], True), (["/a"], True), ("${var.f}", True), (["/a", "/b"], False)]:
            problems = self.check(use="db.lines", **{"with": {"unit": "x", "ca-file": files}})
            self.assertEqual(not problems, good, files)

    def test_a_reference_stands_for_any_type(self):
        good = {"url": "${var.u}", "size": "${var.size}"}
        good |= {"status": "${var.s}", "follow": "${env.F}"}
        self.assertEqual(self.check(**{"with": good}), [])
        self.assertTrue(self.check(**{"with": {"url": "x", "size": "many"}}))
        self.assertTrue(self.check(**{"with": {"url": "x", "size": -1}}))
        self.assertTrue(self.check(**{"with": {"url": "https://x", "status": []}}))
        self.assertEqual(self.check(timeout="${var.t}"), [])
        self.assertTrue(self.check(timeout="5 s"))

    def test_describes_what_it_offers(self):
        check = self.schema["properties"]["step"]["items"]["properties"]["check"]["items"]
        self.assertIn("health.endpoint", check["properties"]["use"]["enum"])
        rule = next(r for r in check["allOf"]
                    if r["if"]["properties"]["use"]["const"] == "health.endpoint")
        offered = rule["then"]["properties"]["with"]["properties"]
        self.assertEqual(offered["url"]["description"], "What url is for")
        self.assertEqual(offered["status"]["default"], [200])
        self.assertEqual(offered["url"]["examples"], ["https://api.example.com/healthz"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
