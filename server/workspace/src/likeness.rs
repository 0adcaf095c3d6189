//! Whose a file is, who may do what with it, and what else is attached to it: kept when its content is written anew.
//! Best effort but for the permissions, which never become wider. Blocks on the disk.

use rustix::fs::{XattrFlags, fsetxattr, getxattr, getxattr_query, listxattr, listxattr_query};
use std::ffi::OsStr;
use std::fs::{File, Metadata, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::Path;

/// The access list of a file. With one, the group's bits of its mode are the list's limit, not what the group may do.
const ACCESS_LIST: &[u8] = b"system.posix_acl_access";
/// Attributes that vouch for the content and go with it: the rights of a program, and signatures.
const OF_THE_CONTENT: &[&[u8]] = &[b"security.capability", b"security.ima", b"security.evm"];

/// What a file has beside its content.
#[derive(Debug, Clone)]
pub(crate) struct Likeness {
    metadata: Metadata,
    attributes: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Likeness {
    /// What the file at `path` has.
    pub(crate) fn of(path: &Path) -> io::Result<Likeness> {
        Ok(Likeness { metadata: std::fs::metadata(path)?, attributes: attributes(path).unwrap_or_default() })
    }

    /// Makes `file` like it. Only the superuser may give a file away, and some file systems know no attributes.
    pub(crate) fn give(&self, file: &File) -> io::Result<()> {
        let (uid, gid) = (self.metadata.uid(), self.metadata.gid());
        let same = file.metadata().is_ok_and(|now| now.uid() == uid && now.gid() == gid);
        if !same && let Err(error) = fchown(file, Some(uid), Some(gid)) {
            tracing::debug!(%error, "the owner of a file could not be kept");
        }
        let mut mode = self.metadata.permissions().mode();
        for (name, value) in &self.attributes {
            let given = fsetxattr(file, OsStr::from_bytes(name), value, XattrFlags::empty());
            if let Err(error) = given {
                tracing::debug!(%error, name = %String::from_utf8_lossy(name), "an attribute of a file could not be kept");
                if name == ACCESS_LIST {
                    mode &= !0o070;
                }
            }
        }
        file.set_permissions(Permissions::from_mode(mode))
    }
}

fn attributes(path: &Path) -> rustix::io::Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut names = vec![0; listxattr_query(path)?];
    let length = listxattr(path, names.as_mut_slice())?;
    names.truncate(length);
    let mut attributes = Vec::new();
    for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        if OF_THE_CONTENT.contains(&name) {
            continue;
        }
        let key = OsStr::from_bytes(name);
        let mut value = vec![0; getxattr_query(path, key)?];
        let length = getxattr(path, key, value.as_mut_slice())?;
        value.truncate(length);
        attributes.push((name.to_vec(), value));
    }
    Ok(attributes)
}
