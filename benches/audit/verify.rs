//! How long checking a long audit takes.

use accuscope::domain::audit::chain::Head;
use accuscope::domain::audit::verify::Verifier;
use accuscope::domain::audit::{Entry, Kind};
use accuscope::domain::names::InstanceId;
use accuscope::domain::time::Timestamp;
use accuscope::journal::audit::lines;

use super::{call, clock, folder, say};

const SEGMENT_BYTES: usize = 1 << 26;

pub(crate) fn verify(records: u64) {
    let (dir, instance, call) = (folder(), InstanceId::parse("i-1").unwrap(), call());
    let (mut head, mut bytes, mut segment) = (Head::START, Vec::new(), 1);
    let mut write = |bytes: &mut Vec<u8>| {
        std::fs::write(dir.path().join(format!("audit-{segment:08}.ndjson")), &bytes).unwrap();
        segment += 1;
        bytes.clear();
    };
    for n in 0..records {
        let entry = Entry::of_call(Kind::Intent, &call, None);
        let ts = Timestamp::from_seconds(1_795_000_000 + i64::try_from(n / 50).unwrap());
        let _ = head.append(entry, ts, &instance, &mut bytes);
        if bytes.len() > SEGMENT_BYTES {
            write(&mut bytes);
        }
    }
    write(&mut bytes);
    let begun = clock();
    let mut verifier = Verifier::new(Some(head));
    lines::<std::io::Error>(dir.path(), |line| {
        verifier.line(line.bytes);
        Ok(())
    })
    .unwrap();
    let report = verifier.finish();
    let took = begun.elapsed().as_secs_f64();
    assert_eq!((report.lines, report.broken), (records, None));
    say(&format!("\nverify: {records} records in {took:.2} s"));
}
