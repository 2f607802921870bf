//! "The trace ends at the proxy": exchanges become spans of the app's own trace, and nothing more.

use crate::support::child::Program;
use crate::support::upstream::OK;
use crate::support::{Client, RawUpstream};

#[tokio::test(flavor = "multi_thread")]
async fn a_call_becomes_a_span_of_the_apps_trace_without_identifiers() {
    let upstream = RawUpstream::always(OK).await;
    let collector = RawUpstream::always(OK).await;
    let endpoint = format!("\"{}\"", collector.url());
    let settings = [("telemetry.otlp_endpoint", endpoint.as_str())];
    let mut program = Program::start(&upstream.url(), &settings).await;
    let mut app = Client::connect(program.proxy).await;
    app.send(
        "GET /rest/v1/provider-portal/patients/9123456780?phn=9876543218 HTTP/1.1\r\nHost: p\r\n\
         Authorization: Bearer canary-token\r\nAccuscope-Actor: Tremblay\r\n\
         traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n",
    )
    .await;
    let answer = app.answer().await;
    assert_eq!(answer.status, 200);
    drop(app);
    // Stopping sends what is left.
    assert_eq!(program.terminate().await, 0);
    collector.has_seen("/rest/v1/provider-portal/patients/{patientId}").await;
    let sent: Vec<u8> = collector.seen().concat();
    let text = String::from_utf8_lossy(&sent);
    assert!(text.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{text}");
    assert!(text.contains(&answer.support_code()));
    let trace = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c_u128.to_be_bytes();
    let parent = 0xb7ad_6b71_6920_3331_u64.to_be_bytes();
    for id in [trace.as_slice(), parent.as_slice()] {
        assert!(sent.windows(id.len()).any(|bytes| bytes == id), "an id of the trace is not there");
    }
    for canary in ["9123456780", "9876543218", "canary-token", "Tremblay"] {
        assert!(!text.contains(canary), "{canary} is in a span");
    }
}
