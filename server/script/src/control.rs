//! What host and zygote say to each other: one short datagram each, on a socket that keeps messages whole.
//! Knows neither processes nor how a worker talks.

/// Longest message in bytes: the zygote's description of its walls.
pub const LONGEST: usize = 8 * 1024;

/// Kind, id and value.
const SHORT: usize = 13;

/// Host to zygote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToZygote {
    /// Fork a worker; the socket it shall have comes along.
    Fork { id: u64 },
    /// Kill that worker.
    Kill { id: u64 },
}

/// Zygote to host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FromZygote {
    /// It can fork; its walls as JSON.
    Ready(Vec<u8>),
    /// The system did not let it fork, with that error number.
    Refused { id: u64, errno: i32 },
    /// The worker left with that code.
    Exited { id: u64, code: i32 },
    /// The worker was ended by that signal.
    Killed { id: u64, signal: i32 },
}

impl ToZygote {
    /// The message as bytes.
    pub fn bytes(self) -> Vec<u8> {
        match self {
            ToZygote::Fork { id } => short(b'F', id, 0),
            ToZygote::Kill { id } => short(b'K', id, 0),
        }
    }

    /// The message in `bytes`; none when it is not one.
    pub fn parse(bytes: &[u8]) -> Option<ToZygote> {
        match parts(bytes)? {
            (b'F', id, _) => Some(ToZygote::Fork { id }),
            (b'K', id, _) => Some(ToZygote::Kill { id }),
            _ => None,
        }
    }
}

impl FromZygote {
    /// The message as bytes.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            FromZygote::Ready(json) => [b"R", json.as_slice()].concat(),
            FromZygote::Refused { id, errno } => short(b'N', *id, *errno),
            FromZygote::Exited { id, code } => short(b'E', *id, *code),
            FromZygote::Killed { id, signal } => short(b'S', *id, *signal),
        }
    }

    /// The message in `bytes`; none when it is not one.
    pub fn parse(bytes: &[u8]) -> Option<FromZygote> {
        if let Some((b'R', json)) = bytes.split_first() {
            return Some(FromZygote::Ready(json.to_vec()));
        }
        match parts(bytes)? {
            (b'N', id, errno) => Some(FromZygote::Refused { id, errno }),
            (b'E', id, code) => Some(FromZygote::Exited { id, code }),
            (b'S', id, signal) => Some(FromZygote::Killed { id, signal }),
            _ => None,
        }
    }
}

fn short(kind: u8, id: u64, value: i32) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(SHORT);
    bytes.push(kind);
    bytes.extend_from_slice(&id.to_le_bytes());
    bytes.extend_from_slice(&value.to_le_bytes());
    bytes
}

fn parts(bytes: &[u8]) -> Option<(u8, u64, i32)> {
    let (kind, rest) = bytes.split_first()?;
    let (id, value) = rest.split_first_chunk::<8>()?;
    let value: [u8; 4] = value.try_into().ok()?;
    Some((*kind, u64::from_le_bytes(*id), i32::from_le_bytes(value)))
}

#[cfg(test)]
mod tests {
    use super::{FromZygote, ToZygote};

    #[test]
    fn messages_survive_the_way_and_others_are_none() {
        for message in [ToZygote::Fork { id: 7 }, ToZygote::Kill { id: u64::MAX }] {
            assert_eq!(ToZygote::parse(&message.bytes()), Some(message));
            assert_eq!(FromZygote::parse(&message.bytes()), None);
        }
        let answers = [
            FromZygote::Ready(b"{}".to_vec()),
            FromZygote::Refused { id: 1, errno: 11 },
            FromZygote::Exited { id: 2, code: -1 },
            FromZygote::Killed { id: 3, signal: 9 },
        ];
        for message in answers {
            let bytes = message.bytes();
            assert_eq!(FromZygote::parse(&bytes), Some(message));
            assert_eq!(ToZygote::parse(&bytes), None);
        }
        for bytes in [&b""[..], b"K", b"K1234567", b"E123456789012345"] {
            assert_eq!((ToZygote::parse(bytes), FromZygote::parse(bytes)), (None, None));
        }
    }
}
