//! The upstream of every row: answers each request at once with the same JSON list, or with one of the length and
//! at the time that a header wishes.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Starts it; it ends with the process.
pub(crate) fn start(body_bytes: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answers = Arc::new(Answers { usual: answer(body_bytes).into(), others: Mutex::default() });
    thread::spawn(move || {
        for socket in listener.incoming() {
            let answers = Arc::clone(&answers);
            thread::spawn(move || serve(socket.unwrap(), &answers));
        }
    });
    address
}

/// What was answered so far, by its length.
struct Answers {
    usual: Arc<[u8]>,
    others: Mutex<HashMap<usize, Arc<[u8]>>>,
}

impl Answers {
    fn of(&self, bytes: Option<usize>) -> Arc<[u8]> {
        let Some(bytes) = bytes else { return Arc::clone(&self.usual) };
        let mut others = self.others.lock().unwrap();
        Arc::clone(others.entry(bytes).or_insert_with(|| answer(bytes).into()))
    }
}

/// The number in a header of a request.
fn wished(head: &[u8], name: &[u8]) -> Option<usize> {
    let at = head.windows(name.len()).position(|part| part.eq_ignore_ascii_case(name))?;
    let rest = &head[at + name.len()..];
    let end = rest.iter().position(|byte| *byte == b'\r')?;
    std::str::from_utf8(&rest[..end]).ok()?.trim().parse().ok()
}

fn answer(body_bytes: usize) -> Vec<u8> {
    let mut body = "[".to_owned();
    let mut number = 0;
    loop {
        let mut item = if number == 0 { String::new() } else { ",".to_owned() };
        write!(item, "{{\"id\":{number},\"status\":\"booked\",\"start\":\"2026-11-24T09:{:02}:00\",\"room\":null,\"late\":false}}", number % 60).unwrap();
        if body.len() + item.len() + 1 > body_bytes {
            break;
        }
        body.push_str(&item);
        number += 1;
    }
    body.push(']');
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-upstream: accuro\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head, body].concat().into_bytes()
}

/// Answers whatever ends with an empty line; requests here have no bodies.
fn serve(mut socket: TcpStream, answers: &Answers) {
    socket.set_nodelay(true).unwrap();
    let (mut bytes, mut filled) = (vec![0; 16_384], 0);
    while let Ok(read @ 1..) = socket.read(&mut bytes[filled..]) {
        filled += read;
        if bytes[..filled].ends_with(b"\r\n\r\n") {
            let head = &bytes[..filled];
            if let Some(after) = wished(head, b"x-answer-after-ms:") {
                thread::sleep(Duration::from_millis(after as u64));
            }
            filled = 0;
            if socket.write_all(&answers.of(wished(head, b"x-answer-bytes:"))).is_err() {
                return;
            }
        }
    }
}
