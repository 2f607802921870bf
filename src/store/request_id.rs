//! A request id in few bytes, readable again letter for letter.
//!
//! Owns the packing. Most ids are UUIDs or hexadecimal: 36 or 32 letters in 17 bytes. A first byte
//! says how the rest is packed.

use crate::domain::ids::RequestId;

const UUID: u8 = 0;
const HEX: u8 = 1;
const TEXT: u8 = 2;

/// The packed form. Equal ids have equal forms.
pub(super) fn pack(id: &RequestId) -> Vec<u8> {
    let text = id.as_str();
    let lower_hex = |t: &str| t.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if text.len() == 36
        && lower_hex(&text.replace('-', ""))
        && let Ok(uuid) = uuid::Uuid::try_parse(text)
    {
        return tagged(UUID, uuid.as_bytes());
    }
    if lower_hex(text)
        && let Ok(bytes) = data_encoding::HEXLOWER.decode(text.as_bytes())
    {
        return tagged(HEX, &bytes);
    }
    tagged(TEXT, text.as_bytes())
}

fn tagged(tag: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(1 + bytes.len());
    out.push(tag);
    out.extend_from_slice(bytes);
    out
}

/// The id of a packed form; `None` for bytes that [`pack`] does not make.
pub(super) fn unpack(bytes: &[u8]) -> Option<RequestId> {
    let (tag, rest) = bytes.split_first()?;
    let text = match *tag {
        UUID => uuid::Uuid::from_slice(rest).ok()?.hyphenated().to_string(),
        HEX => data_encoding::HEXLOWER.encode(rest),
        TEXT => String::from_utf8(rest.to_vec()).ok()?,
        _ => return None,
    };
    RequestId::parse(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn common_shapes_take_17_bytes() {
        for (text, bytes) in [
            ("01939f6e-5a2b-7c3d-8e4f-0123456789ab", 17),
            ("0af7651916cd43dd8448eb211c80319c", 17),
            ("0123456789abcdef", 9),
            ("01939F6E-5A2B-7C3D-8E4F-0123456789AB", 37),
            ("01ARZ3NDEKTSV4RRFFQ69G5FAV", 27),
            ("0123456789abcdef0", 18),
            ("rq_k1_abcdefghijklmnopqrstuvwxya", 33),
        ] {
            let id = RequestId::parse(text).unwrap();
            let packed = pack(&id);
            assert_eq!(packed.len(), bytes, "{text}");
            assert_eq!(unpack(&packed), Some(id), "{text}");
        }
        assert_eq!(unpack(b""), None);
        assert_eq!(unpack(&[9, 1]), None);
    }

    proptest! {
        #[test]
        fn an_id_is_read_back_letter_for_letter(text in "[0-9a-fA-F]{16,64}") {
            let id = RequestId::parse(&text).unwrap();
            prop_assert_eq!(unpack(&pack(&id)), Some(id));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = unpack(&bytes);
        }
    }
}
