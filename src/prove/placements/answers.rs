//! Canaries in what the upstream answers, through every failure that an answer can be.

use super::{Coding, Ends, Placement, Takes};

const READ: &str = "GET /rest/v1/provider-portal/patients/8812?uuid=«tenant» HTTP/1.1";
const LIST: &str = "GET /rest/v1/provider-portal/patients?uuid=«tenant» HTTP/1.1";
const WRITE: &str = "PUT /rest/v1/provider-portal/patients/8812?uuid=«tenant» HTTP/1.1\r\nContent-Type: application/json\r\n";
const TOKEN: &str = "POST /oauth/token?uuid=«tenant» HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n";

const fn read(name: &'static str, answer: &'static str, body: &'static str) -> Placement {
    Placement::new(name, READ).answered(answer, body)
}

const fn write(name: &'static str, answer: &'static str, body: &'static str) -> Placement {
    Placement::new(name, WRITE).body(Coding::Length, "{}").answered(answer, body)
}

const fn token(name: &'static str, answer: &'static str, body: &'static str) -> Placement {
    Placement::new(name, TOKEN)
        .body(Coding::Length, "grant_type=password&username=a&password=b")
        .answered(answer, body)
}

const fn raw(name: &'static str, bytes: &'static str) -> Placement {
    Placement::new(name, READ).answered(bytes, "").answer_coded(Coding::AsIs).ending(Ends::Closed)
}

const JSON: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
const ERROR: &str = r#"{"code":"E1","message":"Patient «json» not found","path":"/patients/«pct»","trace":"at «json»"}"#;

pub(super) const ALL: &[Placement] = &[
    read("answer.value", JSON, r#"{"phn":"«json»","name":["«json»"]}"#),
    read("answer.key", JSON, r#"{"«json»":{"«json»":1}}"#),
    read("answer.number", JSON, r#"{"phn":«num»}"#).taking(Takes::Numbers),
    Placement::new("answer.empty_list", LIST).answered("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Query: «raw»\r\n", "[]"),
    Placement::new("answer.long_list", LIST).answered(JSON, r#"{"items":[{"a":"«json»"},{"a":"«json-u»"},{"a":"«b64»"}],"total":3}"#),
    read("answer.gzip", JSON, r#"{"name":"«json»"}"#).answer_coded(Coding::Gzip),
    read("answer.deflate", JSON, r#"{"name":"«json»"}"#).answer_coded(Coding::Deflate),
    read("answer.half_gzip", JSON, r#"{"name":"«json»"}"#).answer_coded(Coding::HalfGzip),
    read("answer.no_brotli", JSON, r#"{"name":"«json»"}"#).answer_coded(Coding::NoBrotli),
    read("answer.chunks", JSON, r#"{"name":"«json»"}"#).answer_coded(Coding::Chunks),
    read("answer.trailer", JSON, "«name»").answer_coded(Coding::Trailer),
    read("answer.to_the_end", JSON, r#"{"name":"«json»"}"#).answer_coded(Coding::ToTheEnd).ending(Ends::Closed),
    read("answer.utf_16", JSON, r#"{"name":"«json»"}"#).answer_coded(Coding::Utf16),
    read("answer.latin_1", JSON, r#"{"name":"«json»"}"#).answer_coded(Coding::Latin1),
    read("answer.document", "HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"«raw».pdf\"; filename*=UTF-8''«pct»\r\n", "%PDF «raw»"),
    read("answer.fields", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nETag: \"«name»\"\r\nX-Patient: «raw»\r\nLink: </patients/«pct»>; rel=next\r\nServer: «name»\r\n", "{}"),
    read("answer.set_cookie", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nSet-Cookie: JSESSIONID=«raw»; Path=/\r\n", "{}"),
    read("answer.field_name", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-«name»: 1\r\n", "{}"),
    read("answer.request_id", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Request-Id: «raw»\r\nAccuscope-Support-Code: «raw»\r\n", "{}"),
    read("answer.reason_phrase", "HTTP/1.1 200 «name»\r\nContent-Type: application/json\r\n", "{}"),
    read("answer.early_hints", "HTTP/1.1 103 Early Hints\r\nLink: </«pct»>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: application/json\r\n", "{}"),
    read("answer.204", "HTTP/1.1 204 «name»\r\nX-Patient: «raw»\r\n", "").answer_coded(Coding::ToTheEnd),
    read("answer.content_type", "HTTP/1.1 200 OK\r\nContent-Type: application/«name»+json\r\n", "{}"),
    read("answer.malformed_json", JSON, r#"{"name":"«json»","#),
    read("answer.html", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n", "<title>«xml»</title>"),
    read("answer.login_redirect", "HTTP/1.1 302 Found\r\nLocation: /login/«pct»?name=«pct»#«pct»\r\n", ""),
    read("answer.redirect", "HTTP/1.1 307 Temporary Redirect\r\nLocation: https://«name».invalid/?code=«pct»\r\n", ""),
    write("error.400", "HTTP/1.1 400 Bad «name»\r\nContent-Type: application/json\r\n", ERROR),
    read("error.401.challenge", "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer realm=\"«name»\", error=\"invalid_token\", error_description=\"«name» expired\"\r\n", ""),
    read("error.401.body", "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\n", r#"{"error":"invalid_token","error_description":"token «json» of «json» expired"}"#),
    Placement::new("error.401.no_token", "GET /rest/v1/provider-portal/patients/«pct» HTTP/1.1\r\nAuthorization: None").answered("HTTP/1.1 401 Unauthorized\r\n", "«raw»"),
    read("error.403", "HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\n", "<h1>«xml» may not see «xml»</h1>"),
    read("error.404", "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n", ERROR),
    write("error.405", "HTTP/1.1 405 Method Not Allowed\r\nAllow: «name»\r\n", "«raw»"),
    read("error.406", "HTTP/1.1 406 Not Acceptable\r\nContent-Type: text/plain\r\n", "«raw»"),
    write("error.409", "HTTP/1.1 409 Conflict\r\nContent-Type: application/json\r\n", r#"{"message":"record edited by «json»","user":"«json»"}"#),
    read("error.410", "HTTP/1.1 410 Gone\r\nContent-Type: application/json\r\n", r#"{"mergedInto":"«json»"}"#),
    write("error.412", "HTTP/1.1 412 Precondition Failed\r\nETag: \"«name»\"\r\n", "«raw»"),
    write("error.413", "HTTP/1.1 413 Content Too Large\r\n", "«raw»"),
    write("error.415", "HTTP/1.1 415 Unsupported Media Type\r\nContent-Type: text/plain\r\n", "no «raw»"),
    write("error.422", "HTTP/1.1 422 Unprocessable Content\r\nContent-Type: application/json\r\n", r#"{"errors":[{"field":"«json»","value":"«json»","message":"«json» is not valid"}]}"#),
    write("error.423", "HTTP/1.1 423 Locked\r\nContent-Type: application/json\r\n", ERROR),
    write("error.428", "HTTP/1.1 428 Precondition Required\r\n", "«raw»"),
    read("error.429", "HTTP/1.1 429 Too Many Requests\r\nRetry-After: «name»\r\n", "«raw»"),
    read("error.431", "HTTP/1.1 431 Request Header Fields Too Large\r\n", "«raw»"),
    read("error.500", "HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\n", "java.lang.NullPointerException: «raw»\n\tat com.example.Patient.«name»(Patient.java:12)"),
    read("error.500.gzip", "HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\n", ERROR).answer_coded(Coding::Gzip),
    read("error.502", "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n", "<p>«xml»</p>"),
    read("error.503", "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html\r\n", "Maintenance for «xml»"),
    read("error.504", "HTTP/1.1 504 Gateway Timeout\r\n", "«raw»"),
    token("token.grant", JSON, r#"{"access_token":"«json»","refresh_token":"«json»","token_type":"«json»","scope":"«json»","expires_in":60}"#).then("GET /rest/v1/provider-portal/patients?x=3 HTTP/1.1\r\nAuthorization: Bearer «raw»"),
    token("token.invalid_grant", "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n", r#"{"error":"invalid_grant","error_description":"Bad credentials for «json»"}"#),
    token("token.invalid_client", "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nWWW-Authenticate: Basic realm=\"«name»\"\r\n", r#"{"error":"invalid_client","error_description":"«json»","error_uri":"/«pct»"}"#),
    token("token.invalid_scope", "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n", r#"{"error":"invalid_scope","scope":"«json»"}"#),
    token("token.unknown_error", "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n", r#"{"error":"«json»"}"#),
    read("broken.truncated", JSON, r#"{"name":"«json»""#).answer_coded(Coding::TooLong).ending(Ends::Closed),
    read("broken.reset", JSON, r#"{"name":"«json»""#).answer_coded(Coding::TooLong).ending(Ends::Reset),
    raw("broken.status_line", "HTP/1.1 «raw»\r\n\r\n"),
    raw("broken.words", "«raw»\r\n"),
    raw("broken.nul", "HTTP/1.1 200 OK\r\nX-Name: «raw»\0\r\n\r\n"),
    raw("broken.field", "HTTP/1.1 200 OK\r\n«raw»\r\nContent-Length: 0\r\n\r\n"),
    raw("broken.length", "HTTP/1.1 200 OK\r\nContent-Length: «raw»\r\n\r\n"),
    raw("broken.two_lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n«raw»"),
    raw("broken.chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n«raw»\r\n«raw»\r\n"),
    raw("broken.large_field", "HTTP/1.1 200 OK\r\nX-Name: «raw»\r\nX-Pad: «300k»\r\nContent-Length: 0\r\n\r\n").taking(Takes::Few),
    raw("broken.switching", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: «name»\r\n\r\n«raw»"),
    raw("broken.nothing", ""),
    read("broken.silence", JSON, r#"{"name":"«json»""#).answer_coded(Coding::TooLong).ending(Ends::Silent).taking(Takes::Few),
    raw("broken.no_answer", "").ending(Ends::Silent).taking(Takes::Few),
    raw("broken.no_answer.write", "").ending(Ends::Silent).taking(Takes::Few),
];
