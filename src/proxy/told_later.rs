//! A body whose break is told one turn later than it happens.
//!
//! Owns that turn. At an error the library drops what it holds back, so the head of an answer that
//! breaks at once would never reach the app; when a body has nothing to give, it sends that first.

use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};

/// The body inside, and the error that is still to be told.
pub(super) struct ToldLater<B: Body> {
    body: B,
    error: Option<B::Error>,
}

impl<B: Body> ToldLater<B> {
    pub(super) const fn new(body: B) -> Self {
        Self { body, error: None }
    }
}

impl<B: Body + Unpin> Body for ToldLater<B>
where
    B::Error: Unpin,
{
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.get_mut();
        if let Some(error) = this.error.take() {
            return Poll::Ready(Some(Err(error)));
        }
        match Pin::new(&mut this.body).poll_frame(cx) {
            Poll::Ready(Some(Err(error))) => {
                this.error = Some(error);
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            other => other,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.error.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use bytes::Bytes;
    use http::Response;
    use hyper::service::service_fn;
    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// Gives some bytes and breaks, without a pause between.
    struct Broken(bool);

    impl Body for Broken {
        type Data = Bytes;
        type Error = std::fmt::Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, std::fmt::Error>>> {
            let gave = std::mem::replace(&mut self.0, true);
            let frame = || Frame::data(Bytes::from_static(b"[1,2"));
            Poll::Ready(Some(if gave { Err(std::fmt::Error) } else { Ok(frame()) }))
        }
    }

    #[tokio::test]
    async fn an_answer_that_breaks_at_once_still_shows_its_head_and_is_not_whole() {
        let (mut app, served) = tokio::io::duplex(4_096);
        let answer = async |_| Ok::<_, Infallible>(Response::new(ToldLater::new(Broken(false))));
        let connection = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(served), service_fn(answer));
        app.write_all(b"GET / HTTP/1.1\r\nHost: p\r\n\r\n").await.unwrap();
        let mut text = String::new();
        let (ended, _) = tokio::join!(connection, app.read_to_string(&mut text));
        assert!(ended.is_err(), "the connection is cut");
        assert!(text.starts_with("HTTP/1.1 200 OK\r\n") && text.contains("[1,2"), "{text:?}");
        assert!(!text.ends_with("0\r\n\r\n"), "no end is pretended");
    }
}
