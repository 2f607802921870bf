//! The upstream of every row: answers each request at once with the same JSON list.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// Starts it; it ends with the process.
pub(crate) fn start(body_bytes: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answer: Arc<[u8]> = answer(body_bytes).into();
    thread::spawn(move || {
        for socket in listener.incoming() {
            let answer = Arc::clone(&answer);
            thread::spawn(move || serve(socket.unwrap(), &answer));
        }
    });
    address
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
fn serve(mut socket: TcpStream, answer: &[u8]) {
    socket.set_nodelay(true).unwrap();
    let (mut bytes, mut filled) = (vec![0; 16_384], 0);
    while let Ok(read @ 1..) = socket.read(&mut bytes[filled..]) {
        filled += read;
        if bytes[..filled].ends_with(b"\r\n\r\n") {
            filled = 0;
            if socket.write_all(answer).is_err() {
                return;
            }
        }
    }
}
