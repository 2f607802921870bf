//! "The trace ends at the proxy": exchanges become spans of the app's own trace, and nothing more. What
//! receives them here is the protocol's own service, made from its published definition.

use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use crate::support::child::Program;
use crate::support::client::values;
use crate::support::upstream::OK;
use crate::support::{Client, Peer, RawUpstream, until};

/// What a receiver got.
#[derive(Clone, Default)]
struct Got(Arc<Mutex<Vec<ExportTraceServiceRequest>>>);

#[tonic::async_trait]
impl TraceService for Got {
    async fn export(
        &self,
        request: tonic::Request<ExportTraceServiceRequest>,
    ) -> Result<tonic::Response<ExportTraceServiceResponse>, tonic::Status> {
        self.0.lock().unwrap().push(request.into_inner());
        Ok(tonic::Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Got {
    fn spans(&self) -> Vec<Span> {
        let got = self.0.lock().unwrap();
        let scopes = got.iter().flat_map(|one| &one.resource_spans).flat_map(|r| &r.scope_spans);
        scopes.flat_map(|scope| scope.spans.clone()).collect()
    }

    /// The attributes of what sent them.
    fn resource(&self) -> Vec<KeyValue> {
        let got = self.0.lock().unwrap();
        got[0].resource_spans[0].resource.clone().unwrap().attributes
    }
}

/// A receiver of either protocol: its address, what it got, and what keeps it up.
async fn receiver(protocol: &str) -> (String, Got, Option<RawUpstream>) {
    let got = Got::default();
    if protocol == "grpc" {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let service = Server::builder().add_service(TraceServiceServer::new(got.clone()));
        tokio::spawn(service.serve_with_incoming(TcpIncoming::from(listener)));
        return (url, got, None);
    }
    let into = got.clone();
    let upstream = RawUpstream::scripted(move |mut peer: Peer| {
        let into = into.clone();
        async move {
            while let Some(request) = peer.request().await {
                assert_eq!(request.target(), "/v1/traces");
                let spans = ExportTraceServiceRequest::decode(&request.body[..]).unwrap();
                into.0.lock().unwrap().push(spans);
                peer.send(OK).await;
            }
        }
    })
    .await;
    (upstream.url(), got, Some(upstream))
}

fn text_of<'a>(attributes: &'a [KeyValue], key: &str) -> &'a str {
    let found = attributes.iter().find(|attribute| attribute.key == key);
    match found.and_then(|attribute| attribute.value.as_ref()) {
        Some(AnyValue { value: Some(Value::StringValue(text)), .. }) => text,
        other => panic!("{key} is {other:?}"),
    }
}

/// All that a span may say.
const SAID: [&str; 14] = [
    "http.request.method",
    "http.route",
    "http.response.status_code",
    "error.type",
    "accuscope.operation",
    "accuscope.domain",
    "accuscope.context",
    "accuscope.outcome",
    "accuscope.support_code",
    "accuscope.source",
    "accuscope.clinic",
    "accuscope.app",
    "accuscope.category",
    "accuscope.reason",
];

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

fn call(traceparent: &str) -> String {
    format!(
        "GET /rest/v1/provider-portal/patients/9123456780?phn=9876543218 HTTP/1.1\r\nHost: p\r\n\
         Authorization: Bearer canary-token\r\nAccuscope-Actor: Tremblay\r\n{traceparent}\r\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_becomes_a_span_of_the_apps_trace_without_identifiers() {
    for protocol in ["http/protobuf", "grpc"] {
        let (url, got, _receiver) = receiver(protocol).await;
        let upstream = RawUpstream::always(OK).await;
        let (endpoint, quoted) = (format!("\"{url}\""), format!("\"{protocol}\""));
        let settings =
            [("telemetry.otlp_endpoint", endpoint.as_str()), ("telemetry.otlp_protocol", &quoted)];
        let mut program = Program::start(&upstream.url(), &settings).await;
        let mut app = Client::connect(program.proxy).await;
        app.send(call(&format!("traceparent: 00-{TRACE}-b7ad6b7169203331-01\r\n"))).await;
        let answer = app.answer().await;
        assert_eq!(answer.status, 200);
        drop(app);
        // Stopping sends what is left.
        assert_eq!(program.terminate().await, 0);
        let spans = got.spans();
        let [span] = &spans[..] else { panic!("{protocol}: {spans:?}") };
        assert_eq!(span.name, "GET /rest/v1/provider-portal/patients/{patientId}");
        assert_eq!(span.kind, 2, "a server's");
        let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
        assert_eq!(
            (hex(&span.trace_id).as_str(), hex(&span.parent_span_id).as_str()),
            (TRACE, "b7ad6b7169203331")
        );
        let onward = format!("00-{TRACE}-{}-01", hex(&span.span_id));
        assert_eq!(values(&upstream.seen_text(), "traceparent"), [onward]);
        assert_eq!(text_of(&span.attributes, "accuscope.support_code"), answer.support_code());
        assert_eq!(text_of(&span.attributes, "http.request.method"), "GET");
        for attribute in &span.attributes {
            assert!(SAID.contains(&attribute.key.as_str()), "{protocol}: {attribute:?}");
        }
        let resource = got.resource();
        assert_eq!(text_of(&resource, "service.name"), "accuscope");
        assert_eq!(text_of(&resource, "deployment.environment.name"), "sandbox");
        assert!(text_of(&resource, "service.instance.id").starts_with("i-"));
        let all = format!("{:?}", got.0.lock().unwrap());
        for canary in ["9123456780", "9876543218", "canary-token", "Tremblay"] {
            assert!(!all.contains(canary), "{canary} is in a span");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_app_decides_about_its_trace_and_the_share_about_ours() {
    for (percent, of_ours) in [("100", "03"), ("0", "02")] {
        let (url, got, _receiver) = receiver("http/protobuf").await;
        let upstream = RawUpstream::always(OK).await;
        let endpoint = format!("\"{url}\"");
        let settings = [
            ("telemetry.otlp_endpoint", endpoint.as_str()),
            ("telemetry.otlp_sample_percent", percent),
        ];
        let mut program = Program::start(&upstream.url(), &settings).await;
        let mut app = Client::connect(program.proxy).await;
        for traceparent in [
            format!("traceparent: 00-{TRACE}-b7ad6b7169203331-00\r\n"),
            format!("traceparent: 00-{TRACE}-b7ad6b7169203331-01\r\n"),
            String::new(),
        ] {
            app.send(call(&traceparent)).await;
            assert_eq!(app.answer().await.status, 200);
        }
        drop(app);
        assert_eq!(program.terminate().await, 0);
        let seen = upstream.seen_text();
        let flags: Vec<&str> =
            values(&seen, "traceparent").iter().map(|sent| &sent[53..]).collect();
        assert_eq!(flags, ["00", "01", of_ours]);
        assert_eq!(got.spans().len(), if percent == "0" { 1 } else { 2 }, "{percent}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_that_do_not_arrive_are_counted_and_calls_go_on() {
    for protocol in ["http/protobuf", "grpc"] {
        let upstream = RawUpstream::always(OK).await;
        // Takes connections and says nothing that is an answer.
        let deaf = RawUpstream::always("no").await;
        let (endpoint, quoted) = (format!("\"{}\"", deaf.url()), format!("\"{protocol}\""));
        let settings =
            [("telemetry.otlp_endpoint", endpoint.as_str()), ("telemetry.otlp_protocol", &quoted)];
        let program = Program::start(&upstream.url(), &settings).await;
        let mut app = Client::connect(program.proxy).await;
        for _ in 0..3 {
            app.send(call("")).await;
            assert_eq!(app.answer().await.status, 200);
        }
        until(&format!("the count of lost spans over {protocol}"), || async {
            let (_, text) = program.page("/metrics").await;
            text.contains("\naccuscope_spans_dropped_total 3\n").then_some(())
        })
        .await;
    }
}
