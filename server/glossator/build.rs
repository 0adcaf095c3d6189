//! How the program is linked for release: relative relocations are packed where the system can unpack them, which takes a fortieth
//! off its size and an eighth off the memory of a process that has just been started (docs/performance.md). Builds nothing.

/// The glibc that unpacks them.
const GLIBC: (u32, u32) = (2, 36);

fn main() {
    if variable("PROFILE") == "release" && can_unpack() {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    println!("cargo::rerun-if-changed=build.rs");
}

/// Whether this is the machine that it is built for, and its glibc is new enough. Where that cannot be found out nothing is packed.
fn can_unpack() -> bool {
    // Elsewhere the linker may not know how.
    let is_known = variable("TARGET") == "x86_64-unknown-linux-gnu" && variable("HOST") == variable("TARGET");
    is_known && glibc().is_some_and(|found| found >= GLIBC)
}

#[expect(clippy::disallowed_methods, reason = "what is built is told to a build script in its environment")]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// As `getconf GNU_LIBC_VERSION` says it: `glibc 2.36`.
#[expect(clippy::disallowed_types, reason = "a build script is no part of the program")]
fn glibc() -> Option<(u32, u32)> {
    let output = std::process::Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (major, minor) = text.trim().rsplit(' ').next()?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
