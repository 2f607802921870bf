//! Bodies of answers: Accuro's, watched as it passes, or one of ours.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::told_later::ToldLater;
use super::watch::{CutOff, Watched};

/// The body of an answer to the app.
pub(crate) enum Outgoing {
    /// Accuro's.
    Watched(Box<ToldLater<Watched>>),
    /// One of ours; `None` once it has been taken.
    Whole(Option<Bytes>),
}

impl Outgoing {
    /// A body of ours.
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self::Whole(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }

    /// The length of a body of ours.
    pub(super) fn length(&self) -> Option<u64> {
        match self {
            Self::Watched(_) => None,
            Self::Whole(bytes) => Some(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
        }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        match self.get_mut() {
            Self::Watched(watched) => Pin::new(&mut **watched).poll_frame(cx),
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Watched(watched) => watched.is_end_stream(),
            Self::Whole(bytes) => bytes.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Watched(watched) => watched.size_hint(),
            Self::Whole(_) => SizeHint::with_exact(self.length().unwrap_or(0)),
        }
    }
}
