//! Canaries in requests that are valid: path, query, fields, credentials and bodies.

use super::{Coding, Placement, Sending, Takes};

const fn at(name: &'static str, head: &'static str) -> Placement {
    Placement::new(name, head)
}

const POST: &str = "POST /rest/v1/provider-portal/patients?uuid=«tenant» HTTP/1.1\r\nContent-Type: application/json\r\n";
const FORM: &str = "POST /oauth/token?uuid=«tenant» HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n";
const SEARCH: &str = "GET /rest/v1/provider-portal/patients?uuid=«tenant» HTTP/1.1";
const READ: &str = "GET /rest/v1/provider-portal/patients/8812?uuid=«tenant» HTTP/1.1";

const fn json(name: &'static str, body: &'static str) -> Placement {
    at(name, POST).body(Coding::Length, body)
}

const fn form(name: &'static str, body: &'static str) -> Placement {
    at(name, FORM).body(Coding::Length, body).answered(GRANT, GRANTED)
}

const GRANT: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
const GRANTED: &str = r#"{"access_token":"«granted»","refresh_token":"«json»","expires_in":60,"scope":"user/patients.read «json»","id_token":"«json»"}"#;

pub(super) const ALL: &[Placement] = &[
    // Path
    at("path.parameter", "GET /rest/v1/provider-portal/patients/«pct» HTTP/1.1"),
    at("path.parameter.documents", "GET /rest/v1/provider-portal/patients/«pct»/documents?uuid=«tenant» HTTP/1.1"),
    at("path.segment", "GET /rest/v1/«pct»/list HTTP/1.1"),
    at("path.only", "GET /«pct» HTTP/1.1"),
    at("path.deep", "PUT /rest/v2/a/b/c/«pct»/d/«pct» HTTP/1.1").body(Coding::Length, "{}"),
    at("path.twice_encoded", "GET /rest/v1/provider-portal/patients/«pct2» HTTP/1.1"),
    at("path.bad_utf8", "GET /rest/v1/provider-portal/patients/«latin-pct»%ff HTTP/1.1"),
    at("path.matrix", "GET /rest/v1/provider-portal/patients;name=«pct» HTTP/1.1"),
    at("path.absolute", "GET http://proof.invalid/rest/v1/provider-portal/documents/«pct» HTTP/1.1"),
    at("path.dots", "GET /rest/v1/x/../«pct»/./y HTTP/1.1"),
    // Query
    at("query.value", "GET /rest/v1/provider-portal/patients?phn=«pct»&uuid=«tenant» HTTP/1.1"),
    at("query.name", "GET /rest/v1/provider-portal/patients?«pct»=1 HTTP/1.1"),
    at("query.bare", "GET /rest/v1/provider-portal/patients?«pct» HTTP/1.1"),
    at("query.patient_id", "GET /rest/v1/provider-portal/scheduler/appointments?patientId=«pct»&uuid=«tenant» HTTP/1.1"),
    at("query.tenant", "GET /rest/v1/provider-portal/patients?uuid=«pct» HTTP/1.1"),
    at("query.office", "GET /rest/v1/schedules?officeId=«pct» HTTP/1.1"),
    at("query.twice_encoded", "GET /rest/v1/patients/search?q=«pct2» HTTP/1.1"),
    at("query.bad_utf8", "GET /rest/v1/patients/search?q=«latin-pct»%c3%28 HTTP/1.1"),
    at("query.lower_case_escapes", "GET /rest/v1/patients/search?q=«lower-pct»&q=«form» HTTP/1.1"),
    at("query.token", "GET /rest/v1/provider-portal/patients?access_token=«pct» HTTP/1.1"),
    at("query.authorize", "GET /oauth/authorize?client_id=«pct»&state=«pct»&code=«pct» HTTP/1.1"),
    // Fields
    at("field.unknown", "GET /rest/v1/offices HTTP/1.1\r\nX-Patient-Name: «raw»"),
    at("field.name", "GET /rest/v1/offices HTTP/1.1\r\nX-«name»: 1"),
    at("field.latin_1", "GET /rest/v1/offices HTTP/1.1\r\nX-Patient: «latin»"),
    at("field.base64", "GET /rest/v1/offices HTTP/1.1\r\nX-Context: «b64»"),
    at("field.referer", "GET /rest/v1/offices HTTP/1.1\r\nReferer: https://app.invalid/chart?name=«pct»"),
    at("field.user_agent", "GET /rest/v1/offices HTTP/1.1\r\nUser-Agent: intake/1 («raw»)"),
    at("field.origin", "GET /rest/v1/offices HTTP/1.1\r\nOrigin: https://«name».invalid"),
    at("field.forwarded", "GET /rest/v1/offices HTTP/1.1\r\nForwarded: for=\"«name»\"\r\nX-Forwarded-For: «name»"),
    at("field.from", "GET /rest/v1/offices HTTP/1.1\r\nFrom: «raw»"),
    at("field.request_id", "GET /rest/v1/offices HTTP/1.1\r\nX-Request-Id: «raw»"),
    at("field.request_id.ulid", "GET /rest/v1/offices HTTP/1.1\r\nX-Request-Id: «ulid»").taking(Takes::Numbers),
    at("field.request_id.number", "GET /rest/v1/offices HTTP/1.1\r\nX-Request-Id: «trace»").taking(Takes::Numbers),
    at("field.traceparent.number", "GET /rest/v1/offices HTTP/1.1\r\ntraceparent: 00-«trace»-00f067aa0ba902b7-01").taking(Takes::Numbers),
    at("field.traceparent.span", "GET /rest/v1/offices HTTP/1.1\r\ntraceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-«span»-01").taking(Takes::Numbers),
    at("field.correlation_id", "GET /rest/v1/offices HTTP/1.1\r\nX-Correlation-Id: «raw»"),
    at("field.traceparent", "GET /rest/v1/offices HTTP/1.1\r\ntraceparent: 00-«name»-00f067aa0ba902b7-01"),
    at("field.traceparent.twice", "GET /rest/v1/offices HTTP/1.1\r\ntraceparent: «raw»\r\ntraceparent: «raw»"),
    at("field.tracestate", "GET /rest/v1/offices HTTP/1.1\r\ntraceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\ntracestate: vendor=«name»,a=b"),
    at("field.baggage", "GET /rest/v1/offices HTTP/1.1\r\nbaggage: userId=«pct»"),
    at("field.idempotency_key", POST).body(Coding::Length, "{}").fields("Idempotency-Key: «raw»\r\n"),
    at("field.idempotency_key.encoded", POST).body(Coding::Length, "{}").fields("Idempotency-Key: «pct»\r\n"),
    at("field.if_match", "PUT /rest/v1/provider-portal/patients/8812 HTTP/1.1\r\nIf-Match: \"«raw»\"").body(Coding::Length, "{}"),
    at("field.accept", "GET /rest/v1/offices HTTP/1.1\r\nAccept: application/«name»+json"),
    at("field.content_type", "POST /rest/v1/provider-portal/letters HTTP/1.1\r\nContent-Type: text/«name»; charset=«name»").body(Coding::Length, "x"),
    at("field.content_disposition", "POST /rest/v1/provider-portal/letters HTTP/1.1\r\nContent-Disposition: attachment; filename=\"«raw».pdf\"").body(Coding::Length, "x"),
    at("field.actor", "GET /rest/v1/provider-portal/patients/8812?uuid=«tenant» HTTP/1.1\r\nAccuscope-Actor: «raw»"),
    at("field.actor.write", POST).body(Coding::Length, "{}").fields("Accuscope-Actor: «raw»\r\n"),
    at("field.clinic", "GET /rest/v1/provider-portal/patients HTTP/1.1\r\nAccuscope-Clinic: «raw»"),
    at("field.clinic.alike", "GET /rest/v1/provider-portal/patients HTTP/1.1\r\nAccuscope-Clinic: «name»"),
    at("field.connection_names", "GET /rest/v1/offices HTTP/1.1\r\nX-«name»: «raw»\r\nConnection: close, X-«name»"),
    at("field.via", "GET /rest/v1/offices HTTP/1.1\r\nVia: 1.1 «name»"),
    // Credentials
    at("credentials.bearer", "GET /rest/v1/provider-portal/patients/8812?uuid=«tenant» HTTP/1.1\r\nAuthorization: Bearer «raw»"),
    at("credentials.bearer.write", POST).body(Coding::Length, "{}").fields("Authorization: Bearer «raw»\r\n"),
    at("credentials.basic", "POST /oauth/token HTTP/1.1\r\nAuthorization: Basic «b64»").body(Coding::Length, "grant_type=client_credentials").answered(GRANT, GRANTED),
    at("credentials.scheme", "GET /rest/v1/offices HTTP/1.1\r\nAuthorization: «name» x"),
    at("credentials.digest", "GET /rest/v1/offices HTTP/1.1\r\nAuthorization: Digest username=\"«raw»\""),
    at("credentials.proxy", "GET /rest/v1/offices HTTP/1.1\r\nProxy-Authorization: Basic «b64»"),
    at("credentials.cookie", "GET /rest/v1/offices HTTP/1.1\r\nCookie: JSESSIONID=«raw»"),
    at("credentials.cookie_name", "GET /rest/v1/offices HTTP/1.1\r\nCookie: «name»=1"),
    at("credentials.api_key", "GET /rest/v1/offices HTTP/1.1\r\nX-Api-Key: «raw»"),
    form("form.password", "grant_type=password&username=«form»&password=«form»&client_id=a").then("GET /rest/v1/provider-portal/patients?x=1 HTTP/1.1\r\nAuthorization: Bearer «granted»"),
    form("form.refresh", "grant_type=refresh_token&refresh_token=«form»&client_secret=«form»").then("GET /rest/v1/provider-portal/patients?x=2 HTTP/1.1\r\nAuthorization: Bearer «granted»"),
    form("form.code", "grant_type=authorization_code&code=«form»&code_verifier=«form»&redirect_uri=«form»").then("GET /rest/v1/patient-portal/demographics HTTP/1.1\r\nAuthorization: Bearer «granted»"),
    form("form.scope", "grant_type=client_credentials&scope=user/patients.read+«form»&client_id=«form»").then("GET /rest/v1/authorized-clients HTTP/1.1\r\nAuthorization: Bearer «granted»"),
    form("form.grant_type", "grant_type=«form»&assertion=«form»"),
    form("form.name", "grant_type=password&«form»=1"),
    // Bodies
    json("body.json.value", r#"{"name":"«json»"}"#),
    json("body.json.key", r#"{"«json»":{"a":[1,2]}}"#),
    json("body.json.number", r#"{"phn":«num»}"#).taking(Takes::Numbers),
    json("body.json.nested", r#"{"a":[{"b":{"c":["x","«json»"]}}]}"#),
    json("body.json.escaped", r#"{"name":"«json-u»"}"#),
    json("body.json.bad", r#"{"name":"«json»","broken"#),
    json("body.json.deep", r#"[[[[[[[[[[[[[[[["«json»"]]]]]]]]]]]]]]]]"#),
    at("body.office", "PUT /rest/v1/provider-portal/current-office HTTP/1.1\r\nContent-Type: application/json").body(Coding::Length, r#"{"officeId":"«json»"}"#),
    at("body.office.number", "PUT /rest/v1/provider-portal/current-office HTTP/1.1\r\nContent-Type: application/json").body(Coding::Length, r#"{"officeId":«num»}"#).taking(Takes::Numbers),
    at("body.text", "POST /rest/v1/provider-portal/letters HTTP/1.1\r\nContent-Type: text/plain").body(Coding::Length, "Dear «raw»,"),
    at("body.xml", "POST /rest/v1/provider-portal/letters HTTP/1.1\r\nContent-Type: application/xml").body(Coding::Length, "<p name=\"«xml»\"><«name»/></p>"),
    at("body.hl7", "POST /rest/v1/provider-portal/letters HTTP/1.1\r\nContent-Type: x-application/hl7-v2+er7").body(Coding::Length, "MSH|^~\\&|A|B\rPID|1||«raw»\r"),
    at("body.multipart.field", "POST /rest/v1/provider-portal/patients/8812/documents HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=XyZ").body(Coding::Length, "--XyZ\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n«raw»\r\n--XyZ--\r\n"),
    at("body.multipart.name", "POST /rest/v1/provider-portal/patients/8812/documents HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=XyZ").body(Coding::Length, "--XyZ\r\nContent-Disposition: form-data; name=\"«raw»\"; filename=\"«raw».pdf\"\r\n\r\n%PDF\r\n--XyZ--\r\n"),
    at("body.multipart.boundary", "POST /rest/v1/provider-portal/patients/8812/documents HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=\"«name»\"").body(Coding::Length, "--«name»\r\n\r\nx\r\n--«name»--\r\n"),
    at("body.latin_1", POST).body(Coding::Latin1, r#"{"name":"«json»"}"#),
    at("body.utf_16", POST).body(Coding::Utf16, r#"{"name":"«json»"}"#),
    at("body.gzip", POST).body(Coding::Gzip, r#"{"name":"«json»"}"#),
    at("body.gzip.half", POST).body(Coding::HalfGzip, r#"{"name":"«json»"}"#),
    at("body.deflate", POST).body(Coding::Deflate, r#"{"name":"«json»"}"#),
    at("body.no_brotli", POST).body(Coding::NoBrotli, r#"{"name":"«json»"}"#),
    at("body.chunks", POST).body(Coding::Chunks, r#"{"name":"«json»"}"#).sent(Sending::Pieces),
    at("body.trailer", POST).body(Coding::Trailer, "«name»"),
    at("body.large", POST).body(Coding::Chunks, r#"{"pad":"«20k»","name":"«json»"}"#).taking(Takes::Few),
    at("body.base64", POST).body(Coding::Length, r#"{"scan":"«b64»"}"#),
    at("body.with_get", SEARCH).body(Coding::Length, "«raw»"),
    at("method.head", "HEAD /rest/v1/provider-portal/patients/«pct» HTTP/1.1").answered(GRANT, ""),
    at("method.delete", "DELETE /rest/v1/provider-portal/scheduler/appointments/«pct»?uuid=«tenant» HTTP/1.1"),
    at("method.strange", "«name» /rest/v1/offices HTTP/1.1"),
    at("version.1_0", "GET /rest/v1/provider-portal/patients/«pct» HTTP/1.0"),
    at("request.pieces", READ).fields("X-Note: «raw»\r\n").sent(Sending::Pieces),
    at("request.hang_up", READ).fields("X-Note: «raw»\r\n").sent(Sending::HangUp).taking(Takes::Few).refused(),
    at("request.broken_body", POST).body(Coding::Length, r#"{"name":"«json»","pad":"xxxxxxxxxxxxxxxxxxxx"}"#).sent(Sending::Broken).refused(),
];
