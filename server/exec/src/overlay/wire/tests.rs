//! What is written is what is read, and what is cut is not read at all.

use std::time::Duration;

use super::{In, LONGEST, Place, Said, Spec, SpecLayer};
use crate::{CommandLine, ExecError, Request};

#[test]
fn a_spec_is_read_as_it_was_written() {
    for command in [
        CommandLine::Argv(vec![String::new(), "a\nb".to_owned()]),
        CommandLine::Shell("é".to_owned()),
        CommandLine::Argv(vec![]),
    ] {
        let mut request = Request::new(command, "/a b");
        request.env = vec![("A".to_owned(), String::new()), ("B".to_owned(), "=\n".to_owned())];
        request.arg0 = Some("x".to_owned());
        let layers = vec![
            SpecLayer {
                root: "/r".into(),
                through: vec![".git".into(), "t/\n".into()],
                through_in_memory: None,
            },
            SpecLayer { root: "/s".into(), through: vec![], through_in_memory: Some(vec!["t".into()]) },
        ];
        let removed_env = vec!["KEY".to_owned()];
        let inherited = None;
        let spec = Spec {
            request,
            inherited,
            removed_env,
            drain: Duration::from_millis(7),
            run: "/run".into(),
            layers,
        };
        let bytes = spec.bytes();
        assert_eq!(format!("{:?}", Spec::parse(&bytes).unwrap()), format!("{spec:?}"));
        for cut in 0..bytes.len() {
            assert!(Spec::parse(&bytes[..cut]).is_none(), "{cut}");
        }
    }
}

#[test]
fn what_a_helper_says_is_read_as_it_was_said() {
    let request = Request::new(CommandLine::Argv(vec![]), "/cwd");
    let program = || "p".to_owned();
    let places =
        vec![Place { in_memory: true, user_marks: false }, Place { in_memory: false, user_marks: true }];
    for said in [
        Said::Mounted { places, notes: vec!["a".to_owned()] },
        Said::Running { group: 7 },
        Said::Works,
        Said::InMemory,
        Said::Unsupported("no".to_owned()),
        Said::Ended { status: -1, notes: vec![] },
        Said::Ended { status: 0x8b, notes: vec!["é".to_owned()] },
        Said::Refused(ExecError::Empty),
        Said::Refused(ExecError::NoFolder { cwd: "/cwd".into() }),
        Said::Refused(ExecError::NotFound { program: program() }),
        Said::Refused(ExecError::NotExecutable { program: program() }),
        Said::Refused(ExecError::TooLong { bytes: 99 }),
        Said::Refused(ExecError::Start { program: program(), source: std::io::Error::from_raw_os_error(8) }),
    ] {
        let again = Said::parse(&said.bytes(), &request).unwrap();
        assert_eq!(format!("{again:?}"), format!("{said:?}"));
    }
    assert!(Said::parse(&[], &request).is_none());
    assert!(Said::parse(&[9; 8], &request).is_none());
}

#[test]
fn many_long_notes_go_into_one_message() {
    let notes = vec!["é".repeat(5_000); 500];
    let said = Said::Ended { status: 0, notes };
    assert!(said.bytes().len() < LONGEST);
    let mut from = In(&said.bytes()[16..]);
    let texts = from.texts().unwrap();
    assert_eq!((texts.len(), texts[24].as_str()), (25, "(476 more of these)"));
}
