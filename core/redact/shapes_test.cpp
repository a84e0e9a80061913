// What must go and what must stay, on lines as they are found in real logs.
#include "core/redact/shapes.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/redact/redactor.hpp"

namespace triage::redact {
namespace {

std::string hide(std::string text) { return hide_shapes(std::move(text), {}); }

struct Change {
    std::string before;
    std::string after;
};

void expect_all(const std::vector<Change>& changes) {
    for (const auto& [before, after] : changes) {
        EXPECT_EQ(hide(before), after);
        EXPECT_EQ(hide(after), after) << "a second time, nothing changes";
    }
}

TEST(Shapes, PasswordsInEncodedUrlsGo) {
    expect_all({
        {"http://h/redir?http%3A%2F%2Fbob%3ALocPass4455%40127.0.0.1",
         "http://h/redir?http%3A%2F%2Fbob%3A<password>%40127.0.0.1"},
        {"/r?to=https%3a//bob:p%21ss@example.com/x",
         "/r?to=https%3a//bob:<password>@example.com/x"},
        {"e[http://h/ok?token=abc]", "e[http://h/ok?token=<token>]"},
    });
    EXPECT_EQ(hide("/r?to=http%3A%2F%2Fh%3A8000%2Fx"), "/r?to=http%3A%2F%2Fh%3A8000%2Fx");
}

TEST(Shapes, WhatIsLeftOfACutCredentialGoesToo) {
    expect_all({
        {"cannot connect to postgresql://app:S3cr3tDbPassw0rdVeryLong…",
         "cannot connect to postgresql://app:<password>…"},
        {"url https://user:Passw0rdSecr", "url https://user:<password>"},
        {"redis://:pa55wo...", "redis://:<password>"},
        {"http://a:3000,https://user:Passw0rdSecr", "http://a:3000,https://user:<password>"},
        {"token eyJhbGciOiJIUzI1Ni…", "token <jwt>…"},
        {"key sk_live_51H…", "key sk_live_<key>…"},
    });
}

TEST(Shapes, ShortenedTextThatHoldsNoCredentialStays) {
    for (const char* text :
         {"http://127.0.0.1:8000", "http://127.0.0.1:8000/api/v1/bo…", "GET http://api:8000?x…",
          "(see http://h:9090)", "at http://h:9090.", "http://[::1]:8000/he…",
          "http://a:3000,http://b:8000", "http://a:3000/x,https://b,http://c:1|http://d:22,",
          "see https://example.com/a:b…", "an eyJect…", "wait..."}) {
        EXPECT_EQ(hide(text), text);
    }
}

TEST(Shapes, UrlPasswordsGoAndTheRestStays) {
    expect_all({
        {"postgresql+psycopg://postgres:hunter2@db:5432/mission_control",
         "postgresql+psycopg://postgres:<password>@db:5432/mission_control"},
        {"redis://:pa55@redis:6379/0 and amqp://a:b@mq",
         "redis://:<password>@redis:6379/0 and "
         "amqp://a:<password>@mq"},
        {"(https://bob:p@ss@example.com/x)", "(https://bob:<password>@example.com/x)"},
        {"postgres://u:p/a?s#s@db:5432/x", "postgres://u:<password>@db:5432/x"},
        {"https://9f2c4be1a07d4c7e8a55@sentry.example.com/4",
         "https://<token>@sentry.example.com/4"},
        {"mongodb://u:p@h1:1,h2:2/?x=1", "mongodb://u:<password>@h1:1,h2:2/?x=1"},
    });
}

TEST(Shapes, QueryCredentialsGo) {
    expect_all({
        {"wss://gw.example.com/ws?token=abc123&room=5",
         "wss://gw.example.com/ws?token=<token>&room=5"},
        {"GET /cb?code=4/0AX4XfWh1234&state=xyz HTTP/1.1",
         "GET /cb?code=<token>&state=xyz HTTP/1.1"},
        {"/x?a=1&api_key=k&b=2", "/x?a=1&api_key=<token>&b=2"},
        {"https://s3.example.com/o?X-Amz-Date=20261123T101112Z&X-Amz-Signature=00ff00ff",
         "https://s3.example.com/o?X-Amz-Date=20261123T101112Z&X-Amz-Signature=<token>"},
        {"next=https%3A%2F%2Fapp%2F%3Faccess_token%3Dzzz99",
         "next=https%3A%2F%2Fapp%2F%3Faccess_token%3D<token>"},
        {R"({"u":"/v?x=1\u0026sig=AbC"})", R"({"u":"/v?x=1\u0026sig=<token>"})"},
    });
}

TEST(Shapes, HeadersGo) {
    expect_all({
        {"Authorization: Bearer abc", "Authorization: Bearer <token>"},
        {"authorization: Basic dXNlcjpwYXNz", "authorization: Basic <token>"},
        {"-H 'Authorization: token 0123abcd'", "-H 'Authorization: token <token>'"},
        {R"({"Authorization": "Bearer s3cr3t-value"})", R"({"Authorization": "Bearer <token>"})"},
        {R"("{\"authorization\":\"Bearer zZ9\"}")", R"("{\"authorization\":\"Bearer <token>\"}")"},
        {"(b'authorization', b'Bearer q8')", "(b'authorization', b'Bearer <token>')"},
        {"Authorization: Digest username=\"u\", response=\"0a\"",
         "Authorization: Digest <token>\"u\", response=\"0a\""},
        {"Authorization: 0123456789abcdef0123", "Authorization: <token>"},
        {"sent Bearer kJ8s7dfK2.s-d_f to api", "sent Bearer <token> to api"},
        {"Basic dXNlcjpwYXNz", "Basic <token>"},
        {"Set-Cookie: __session=abc; Path=/", "Set-Cookie: <cookie>"},
        {"cookie: a=1; b=2\nhost: x", "cookie: <cookie>\nhost: x"},
        {"X-Api-Key: 9f8e7d6c5b4a", "X-Api-Key: <token>"},
        {"X-Agent-Token: 9f8e7d6c5b4a", "X-Agent-Token: <token>"},
    });
}

TEST(Shapes, KeysGo) {
    const std::string jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyXzEifQ.c2lnbmF0dXJlLWJ5dGVz_-abc";
    expect_all({
        {"token " + jwt + ".", "token <jwt>."},
        {"cut " + jwt.substr(0, 34), "cut <jwt>"},
        {"CLERK_SECRET_KEY=sk_test_a1B2c3D4e5F6", "CLERK_SECRET_KEY=sk_test_<key>"},
        {R"("secret_key": "sk_test_a1B2c3D4e5F6")", R"("secret_key": "sk_test_<key>")"},
        {"the key sk_live_a1B2c3D4e5F6 is revoked", "the key sk_live_<key> is revoked"},
        {R"(line\nsk_live_a1B2c3D4e5F6)", R"(line\nsk_live_<key>)"},
        {"k%3Dsk_live_a1B2c3D4e5F6", "k%3Dsk_live_<key>"},
        {"whsec_MfKQ9r8GKYqrTwjU", "whsec_<key>"},
        {"ghp_abcdefghijklmnopqrstuvwxyz0123456789", "ghp_<key>"},
        {"AKIAIOSFODNN7EXAMPLE", "AKIA<key>"},
        {"xoxb-1234567890-abcdef", "xoxb-<key>"},
        {"sk-proj-abcdefghij0123456789", "sk-proj-<key>"},
    });
}

TEST(Shapes, PrivateKeysGoAlsoWhenCutOff) {
    const std::string begin = "-----BEGIN RSA PRIVATE KEY-----";
    const std::string line = "MIIEowIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF8PbnGy0AHB7MhgwMbRvI0MBZhpK";
    const std::string end = "-----END RSA PRIVATE KEY-----";
    expect_all({
        {"k: " + begin + "\n" + line + "\n" + line + "\n" + end + "\nnext",
         "k: <private-key>\nnext"},
        {"k: \"" + begin + "\\n" + line + "\\n" + end + "\\n\" next",
         "k: \"<private-key>\\n\" next"},
        {begin + "\n" + line + "\n" + line.substr(0, 20), "<private-key>"},
        {begin + "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00FF\n\n" + line,
         "<private-key>"},
        {begin + "\n" + line + "\n2026-11-23 10:21:05,976 WARNING app",
         "<private-key>-11-23 10:21:05,976 WARNING app"},
    });
    const std::string certificate = "-----BEGIN CERTIFICATE-----\n" + line;
    EXPECT_EQ(hide(certificate), certificate);
}

TEST(Shapes, ValuesInPythonErrorsGo) {
    expect_all({
        {"auth_mode\n  Input should be 'clerk' or 'local' [type=enum, input_value='s3', "
         "input_type=str]",
         "auth_mode\n  Input should be 'clerk' or 'local' [type=enum, input_value=<input>, "
         "input_type=str]"},
        {"[type=value_error, input_value={'a': 'b]', \"c\": ['d, input_type=']}, input_type=dict]",
         "[type=value_error, input_value=<input>, input_type=dict]"},
        {"input_value={'a': 'xx...yy'z'}, input_type=dict] more",
         "input_value=<input>, input_type=dict] more"},
        {"input_value=42, input_type=int]", "input_value=<input>, input_type=int]"},
        {"[SQL: INSERT]\n[parameters: {'email': 'a@b', 'x': [1, ']']}]\n(Background",
         "[SQL: INSERT]\n[parameters: <parameters>]\n(Background"},
        {"[parameters: ('a', 1)]", "[parameters: <parameters>]"},
        {"[parameters: [{'a': 1}, {'a': 2}  ... displaying 2 of 9 total ...  {'a': 9}]] z",
         "[parameters: <parameters>] z"},
        {"[parameters: ('cut off\nnext", "[parameters: <parameters>\nnext"},
    });
}

TEST(Shapes, CredentialPairsGo) {
    expect_all({
        {"host=db password=x user=postgres", "host=db password=<password> user=postgres"},
        {"host=db password='x y\\' z' user=p", "host=db password='<password>' user=p"},
        {"PGPASSWORD=a,b;c psql", "PGPASSWORD=<password>;c psql"},
        {R"({"user":"bob","password": "p\"w", "n":1})",
         R"({"user":"bob","password": "<password>", "n":1})"},
        {R"("{\"password\":\"p\\\"w\",\"n\":1}")", R"("{\"password\":\"<password>\",\"n\":1}")"},
        {"{'password': 'x', 'port': 5432}", "{'password': '<password>', 'port': 5432}"},
        {R"({"password":12345,"user":"bob"})", R"({"password":<password>,"user":"bob"})"},
        {"Settings(password=abc)", "Settings(password=<password>)"},
        {"db_password: tr0ub4dor", "db_password: <password>"},
        {"password: correcthorse", "password: <password>"},
        {"pass=Zxcvb1 pw=letmein91", "pass=<token> pw=<token>"},
        {"mysql -uroot -pRootPw991 -h db", "mysql -uroot -p<password> -h db"},
        {"DSN=app:S3cretPass1@tcp(db:3306)/x", "DSN=app:<password>@tcp(db:3306)/x"},
        {"postgres://app:p@ss/w0rd9@db/x", "postgres://app:<password>@db/x"},
        {"his password is swordfish77.", "his password is <password>"},
        {"Password for user app: swordfish78", "Password for user app: <password>"},
        {"LOCAL_AUTH_TOKEN=abcdef0123456789", "LOCAL_AUTH_TOKEN=<token>"},
        {"LOCAL_AUTH_TOKEN=correcthorse", "LOCAL_AUTH_TOKEN=<token>"},
        {"SMTP_PASS=topsecret db_pass: \"x\"", "SMTP_PASS=<password> db_pass: \"<password>\""},
        {R"("access_token":"abc","token_type":"bearer")",
         R"("access_token":"<token>","token_type":"bearer")"},
        {"login --password hunter2 --user bob", "login --password <password> --user bob"},
        {"aws_secret_access_key = wJalrXUtnFEMI/K7MDENG", "aws_secret_access_key = <token>"},
        {"a 10.0.0.1 password=\nb", "a 10.0.0.1 password=\nb"},
    });
}

// Nothing of this is a secret, and a person needs every bit of it.
TEST(Shapes, OrdinaryTextStays) {
    const std::vector<std::string> lines = {
        R"(2026-11-23 10:21:05,976 WARNING app.core.error_handling http.request.complete )"
        R"(app=mission-control version=0.1.0 method=GET path=/api/v1/boards status_code=401 )"
        R"(duration_ms=2 client_ip=127.0.0.1 request_id=f0c4a8b2c3d4e5f60718293a4b5c6d7e)",
        R"(INFO:     127.0.0.1:36390 - "GET /api/v1/boards?limit=50&offset=0 HTTP/1.1" 401 )"
        R"(Unauthorized)",
        R"({"detail":"Unauthorized","request_id":"9634fca0b1c2d3e4f5061728394a5b6c"})",
        R"({"timestamp":"2026-11-23T10:25:11.518086+00:00","level":"WARNING",)"
        R"("status_code":200,"slow_threshold_ms":1})",
        "sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection "
        "timed out, timeout 30.00",
        R"(connection failed: connection to server at "127.0.0.1", port 5432 failed: FATAL:  )"
        R"(password authentication failed for user "postgres")",
        "CLERK_SECRET_KEY must be set and non-empty when AUTH_MODE=clerk.",
        "LOCAL_AUTH_TOKEN must be at least 50 characters and non-placeholder when AUTH_MODE=local.",
        "auth_mode\n  Input should be 'clerk' or 'local' [type=enum, input_value='', "
        "input_type=str]",
        "Gateway token is missing required scope `operator.read`",
        "received 1008 (policy violation) pairing required",
        "server rejected WebSocket connection: HTTP 401",
        "redis.exceptions.AuthenticationError: Authentication required.",
        "SyntaxError: Unexpected token < in JSON at position 0",
        "unexpected token: '}' at line 3",
        "invalid token: expected three parts, found 1",
        "secret: clerk_key is unset",
        "Invalid password: too short",
        "the password is required",
        "with.secret-key = \"${secret.clerk_secret_key}\"",
        "authorization = \"Bearer ${secret.token}\"",
        "pass=3 fail=1",
        "WWW-Authenticate: Bearer realm=\"api\", error=\"invalid_token\"",
        "Bearer authentication is required; basic authentication is off",
        "ghcr.io/acme/"
        "backend@sha256:9b2cf0d1e5a84d0f3c7bb5d0f7a3f2b1c6e8d9a0b1c2d3e4f5061728394a5b6c",
        "commit 1f0c9a7be55c2d4e8f90a1b2c3d4e5f607182930",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "etag W/\"5e1-kT0mZxq1b3bq0Xw\"",
        "x-request-id: 7d8f9e0a1b2c3d4e5f60718293a4b5c6",
        "Can't locate revision identified by '4f2a9c1d7e3b'",
        "Running upgrade 1a2b3c4d5e6f -> 6f5e4d3c2b1a, add agent token_hash column",
        "http://localhost:4873/@types/node",
        "https://git@github.com/acme/repo.git",
        "ssh://git@example.com:22/x, mail ops@example.com",
        "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k",
        "GET /token?grant_type=refresh&status_code=200&code=404",
        "max_tokens=4096 token_count=12 tokens: 17 token_type=bearer",
        "PWD=/srv/app OLDPWD=/root",
        "password=null \"token\": null 'secret': None password=*****",
        "error: token=expired code=401, token: 12 of 20 used, api_key = os.environ",
        "secretKeyRef: key, User password changed, Password must contain 8 characters",
        R"({"kid":"ins_2abcDEF","kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM7"})",
        "x-clerk-auth-reason: session-token-and-uat-missing",
        "disk_test_runner passed, task_live_updates on",
        "the eyJ prefix alone is harmless",
        "cookie: not set",
        "key=user:42 value=17 sort_key=created_at",
        "<secret:clerk_key> and <secret:db_url_2.x> and <password>",
        "Set `NEXT_PUBLIC_API_URL` and rebuild: http://backend:8000 is baked",
        "error in authorization: denied",
        "0: <div class=\"a\">x@y</div> http://a.example/?q=1#frag",
    };
    for (const std::string& line : lines)
        EXPECT_EQ(hide(line), line);
}

TEST(Shapes, KnownSecretsKeepTheirNameInCredentialPositions) {
    Redactor redactor;
    redactor.add("db_password", "pg1");  // too short to be found anywhere
    redactor.add("dsn", "postgresql://postgres:p%40ss@db:5432/app");
    redactor.add("admin", "postgres");
    const auto hidden = [&](std::string_view text) { return redactor.redact(text).str(); };
    EXPECT_EQ(hidden("password=pg1 user=postgres pg1"),
              "password=<secret:db_password> user=postgres pg1");
    EXPECT_EQ(hidden("postgres://postgres:pg1@db/pg1"),
              "postgres://postgres:<secret:db_password>@db/pg1");
    EXPECT_EQ(hidden("password=p@ss or redis://:p%40ss@h"),
              "password=<secret:dsn> or redis://:<secret:dsn>@h");
    EXPECT_EQ(hidden("user postgres, password=postgres"), "user postgres, password=<secret:admin>");
    EXPECT_EQ(redactor.notice(),
              "the secrets admin, db_password, dsn are shorter than 8 bytes or an ordinary word of "
              "this run: hidden only where a password, key or token is expected");
}

}  // namespace
}  // namespace triage::redact
