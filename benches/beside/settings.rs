//! The settings of each row: a JSON line a call with what an access log can tell of it (when, an id that goes
//! on to the upstream, the kind of call, statuses, times, bytes, the clinic), kept connections to the upstream, and nothing
//! else that costs: peers make no traces and count nothing here, accuscope does all that it does by default.

use std::fs;
use std::net::SocketAddr;

/// Where a row is, and what it stands in front of.
pub(crate) struct Place {
    pub(crate) folder: String,
    pub(crate) listen: SocketAddr,
    pub(crate) others: [SocketAddr; 2],
    pub(crate) upstream: SocketAddr,
    /// Clinics beside the one.
    pub(crate) clinics: u32,
}

pub(crate) fn nginx(place: &Place) -> String {
    let Place { listen, upstream, .. } = place;
    format!(
        r#"daemon off;
worker_processes auto;
pid nginx.pid;
error_log error.log warn;
events {{ worker_connections 4096; }}
http {{
  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
  keepalive_requests 100000000;
  log_format line escape=json '{{"ts":"$time_iso8601","id":"$request_id","method":"$request_method","route":"$kind",'
    '"status":$status,"upstream_status":"$upstream_status","seconds":$request_time,"upstream_seconds":"$upstream_response_time",'
    '"upstream_head_seconds":"$upstream_header_time","bytes_in":$request_length,"bytes_out":$bytes_sent,'
    '"clinic":"$http_accuscope_clinic","actor":"$http_accuscope_actor","upstream":"$upstream_addr","connection":$connection}}';
  map $uri $kind {{
    default other;
    ~^/rest/v1/provider-portal/patients/[0-9]+$ patient.read;
    ~^/rest/v1/provider-portal/patients/[0-9]+/medications$ medication.list;
    ~^/rest/v1/provider-portal/appointments appointment.list;
    ~^/rest/v1/provider-portal/offices/[0-9]+$ office.read;
  }}
  access_log access.log line;
  upstream accuro {{ server {upstream}; keepalive 128; keepalive_requests 100000000; }}
  server {{
    listen {listen} backlog=1024;
    location / {{
      proxy_pass http://accuro;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Request-Id $request_id;
      proxy_set_header traceparent 00-$request_id-0123456789abcdef-01;
      add_header X-Request-Id $request_id always;
    }}
  }}
}}
"#
    )
}

pub(crate) fn haproxy(place: &Place) -> String {
    let Place { listen, upstream, .. } = place;
    format!(
        r#"global
  log stdout format raw local0
  maxconn 4096
defaults
  mode http
  log global
  option http-keep-alive
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  log-format '{{"ts":"%[date(0,ms)]","id":"%ID","method":"%HM","status":%ST,"ms":%Ta,"upstream_ms":%Tr,"head_ms":%TR,"bytes_in":%U,"bytes_out":%B,"clinic":"%[capture.req.hdr(0)]","actor":"%[capture.req.hdr(1)]","backend":"%b","server":"%s","connections":%ac,"ending":"%ts"}}'
frontend apps
  bind {listen}
  unique-id-format %[uuid()]
  unique-id-header X-Request-Id
  declare capture request len 40
  declare capture request len 40
  http-request capture req.hdr(Accuscope-Clinic) id 0
  http-request capture req.hdr(Accuscope-Actor) id 1
  default_backend accuro
backend accuro
  http-reuse always
  server one {upstream}
"#
    )
}

pub(crate) fn accuscope(place: &Place) -> String {
    let Place { folder, listen, others: [ops, telemetry], upstream, clinics } = place;
    fs::write(format!("{folder}/k1"), [7; 32]).unwrap();
    let clinics: Vec<String> = (0..*clinics)
        .map(|number| {
            format!("[[clinics]]\nid = \"clinic-{number}\"\nname = \"Clinic {number}\"\ntenant = \"00000000-0000-4000-8000-{number:012}\"\n")
        })
        .collect();
    let clinics = clinics.concat();
    format!(
        r#"environment = "sandbox"
proxy.listen = "{listen}"
ops.listen = "{ops}"
ops.auth = "off"
telemetry.listen = "{telemetry}"
upstream.base_url = "http://{upstream}"
store.url = "sqlite:{folder}/store.db"
journal.dir = "{folder}/journal"
privacy.keys = {{ k1 = {{ file = "{folder}/k1" }} }}
[[clinics]]
id = "maple-ridge"
name = "Maple Ridge Family Practice"
tenant = "e1a47a6d-f563-4f0f-a7f3-b6539ba21330"
{clinics}"#
    )
}

pub(crate) fn caddy(place: &Place) -> String {
    let Place { folder, listen, upstream, .. } = place;
    // An address here would be the host that it answers for.
    let (address, port) = (listen.ip(), listen.port());
    format!(
        r"{{
  admin off
  auto_https off
  persist_config off
  log default {{
    output discard
  }}
}}
http://:{port} {{
  bind {address}
  map {{path}} {{kind}} {{
    ~^/rest/v1/provider-portal/patients/[0-9]+$ patient.read
    ~^/rest/v1/provider-portal/patients/[0-9]+/medications$ medication.list
    ~^/rest/v1/provider-portal/appointments appointment.list
    ~^/rest/v1/provider-portal/offices/[0-9]+$ office.read
    default other
  }}
  log calls {{
    output file {folder}/access.log {{
      roll_disabled
    }}
    format filter {{
      wrap json
      request>headers delete
      request>uri delete
      resp_headers delete
    }}
  }}
  log_append id {{http.request.uuid}}
  log_append kind {{kind}}
  log_append clinic {{http.request.header.Accuscope-Clinic}}
  log_append upstream_ms {{http.reverse_proxy.upstream.latency_ms}}
  request_header X-Request-Id {{http.request.uuid}}
  header X-Request-Id {{http.request.uuid}}
  reverse_proxy {upstream} {{
    transport http {{
      keepalive_idle_conns_per_host 128
      compression off
    }}
  }}
}}
"
    )
}

/// It makes no request id of its own.
pub(crate) fn traefik(place: &Place) -> String {
    let Place { listen, upstream, .. } = place;
    let kinds = [
        ("patient-read", "patients/[0-9]+$"),
        ("medication-list", "patients/[0-9]+/medications$"),
        ("appointment-list", "appointments"),
        ("office-read", "offices/[0-9]+$"),
    ];
    let routers: Vec<String> = kinds
        .iter()
        .map(|(name, path)| {
            format!("    {name}: {{rule: \"PathRegexp(`^/rest/v1/provider-portal/{path}`)\", priority: 2, service: accuro}}\n")
        })
        .collect();
    fs::write(
        format!("{}/routes.yml", place.folder),
        format!(
            r#"http:
  routers:
{}    other: {{rule: "PathPrefix(`/`)", priority: 1, service: accuro}}
  services:
    accuro: {{loadBalancer: {{serversTransport: kept, servers: [{{url: "http://{upstream}"}}]}}}}
  serversTransports:
    kept: {{maxIdleConnsPerHost: 128}}
"#,
            routers.concat()
        ),
    )
    .unwrap();
    format!(
        r#"global: {{checkNewVersion: false, sendAnonymousUsage: false}}
log: {{level: ERROR}}
entryPoints: {{web: {{address: "{listen}"}}}}
providers: {{file: {{filename: routes.yml, watch: false}}}}
accessLog:
  filePath: access.log
  format: json
  fields:
    names: {{RequestPath: drop, ClientAddr: drop, ClientHost: drop, ClientPort: drop}}
    headers: {{names: {{Accuscope-Clinic: keep}}}}
"#
    )
}

pub(crate) fn envoy(place: &Place) -> String {
    const TYPE: &str = "type.googleapis.com/envoy.extensions";
    let Place { listen, upstream, others: [admin, _], .. } = place;
    let address = |at: &SocketAddr| {
        format!("{{socket_address: {{address: {}, port_value: {}}}}}", at.ip(), at.port())
    };
    let kinds = [
        ("patient.read", "patients/[0-9]+"),
        ("medication.list", "patients/[0-9]+/medications"),
        ("appointment.list", "appointments.*"),
        ("office.read", "offices/[0-9]+"),
    ];
    let routes: Vec<String> = kinds
        .iter()
        .map(|(name, path)| {
            format!("              - {{name: {name}, match: {{safe_regex: {{regex: \"/rest/v1/provider-portal/{path}\"}}}}, route: {{cluster: accuro, timeout: 60s}}}}\n")
        })
        .collect();
    format!(
        r#"admin: {{address: {admin}}}
static_resources:
  listeners:
  - name: apps
    address: {listen}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": {TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: apps
          codec_type: HTTP1
          generate_request_id: true
          always_set_request_id_in_response: true
          access_log:
          - name: envoy.access_loggers.file
            typed_config:
              "@type": {TYPE}.access_loggers.file.v3.FileAccessLog
              path: access.log
              log_format:
                json_format:
                  ts: "%START_TIME%"
                  id: "%REQ(X-REQUEST-ID)%"
                  method: "%REQ(:METHOD)%"
                  kind: "%ROUTE_NAME%"
                  status: "%RESPONSE_CODE%"
                  flags: "%RESPONSE_FLAGS%"
                  ms: "%DURATION%"
                  upstream_ms: "%RESPONSE_DURATION%"
                  bytes_in: "%BYTES_RECEIVED%"
                  bytes_out: "%BYTES_SENT%"
                  clinic: "%REQ(ACCUSCOPE-CLINIC)%"
                  upstream: "%UPSTREAM_HOST%"
                  connection: "%CONNECTION_ID%"
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {{"@type": {TYPE}.filters.http.router.v3.Router}}
          route_config:
            virtual_hosts:
            - name: accuro
              domains: ["*"]
              routes:
{}              - {{name: other, match: {{prefix: "/"}}, route: {{cluster: accuro, timeout: 60s}}}}
  clusters:
  - name: accuro
    type: STATIC
    connect_timeout: 2s
    load_assignment:
      cluster_name: accuro
      endpoints: [{{lb_endpoints: [{{endpoint: {{address: {upstream}}}}}]}}]
"#,
        routes.concat(),
        admin = address(admin),
        listen = address(listen),
        upstream = address(upstream),
    )
}
