//! Which road a command takes past unsaved text. Pure: circumstances in, a road and what is to be said about it out.

use crate::BuffersMode;

/// How a command is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Road {
    /// On the disk, and nobody looks at what it changes: it is known to change nothing.
    Plain,
    /// On an overlay that holds the unsaved text.
    Overlay,
    /// On the disk, once the unsaved text is saved or the user wants it so.
    Wait,
    /// On the disk, at once.
    Disk,
    /// On the disk, after the editor has saved.
    Save,
}

/// What decides about the road.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Case {
    /// What the settings say.
    pub(super) asked: BuffersMode,
    /// Whether the command only reads.
    pub(super) safe: bool,
    /// Whether there is unsaved text.
    pub(super) dirty: bool,
    /// Whether the command outlives its script.
    pub(super) detached: bool,
    /// Why there can be no overlay.
    pub(super) no_overlay: Option<String>,
    /// Why the editor cannot save.
    pub(super) no_save: Option<String>,
    /// Whether there is somebody who could save, or be asked.
    pub(super) user: bool,
}

/// The road, and what the result has to say about it.
pub(super) fn choose(case: &Case) -> (Road, Option<String>) {
    use BuffersMode as Mode;
    if case.safe && !case.dirty {
        return (Road::Plain, None);
    }
    let wants_overlay = matches!(case.asked, Mode::Auto | Mode::Overlay) && !case.detached;
    let wants_save = case.asked == Mode::Save && case.dirty;
    let note = match (&case.no_overlay, &case.no_save) {
        (None, _) if wants_overlay => return (Road::Overlay, None),
        (_, None) if wants_save => return (Road::Save, None),
        (Some(why), _) if wants_overlay && (case.dirty || case.asked == Mode::Overlay) => {
            Some(format!("The command did not run on an overlay: {why}."))
        }
        (_, Some(why)) if wants_save => Some(format!("Nothing was saved before the command ran: {why}.")),
        _ => None,
    };
    let waits = case.dirty && case.user && !case.safe && case.asked != Mode::Disk;
    // What only reads changes nothing that would have to be looked for.
    let disk = if case.safe { Road::Plain } else { Road::Disk };
    (if waits { Road::Wait } else { disk }, note)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the settings say; then letters for what holds: `s`afe, `d`irty, de`t`ached, `o`verlay can be, editor saves
    /// (`e`), `u`ser is there; the road; what is said.
    const ROADS: &[(BuffersMode, &str, Road, &str)] = &[
        (BuffersMode::Auto, "soeu", Road::Plain, ""),
        (BuffersMode::Overlay, "seu", Road::Plain, ""),
        (BuffersMode::Auto, "sdoeu", Road::Overlay, ""),
        (BuffersMode::Auto, "sdeu", Road::Plain, NO_OVERLAY),
        (BuffersMode::Auto, "o", Road::Overlay, ""),
        (BuffersMode::Auto, "do", Road::Overlay, ""),
        (BuffersMode::Auto, "u", Road::Disk, ""),
        (BuffersMode::Auto, "du", Road::Wait, NO_OVERLAY),
        (BuffersMode::Auto, "d", Road::Disk, NO_OVERLAY),
        (BuffersMode::Auto, "dtou", Road::Wait, ""),
        (BuffersMode::Auto, "dto", Road::Disk, ""),
        (BuffersMode::Overlay, "u", Road::Disk, NO_OVERLAY),
        (BuffersMode::Overlay, "dtou", Road::Wait, ""),
        (BuffersMode::Wait, "oeu", Road::Disk, ""),
        (BuffersMode::Wait, "doeu", Road::Wait, ""),
        (BuffersMode::Wait, "doe", Road::Disk, ""),
        (BuffersMode::Wait, "sdoeu", Road::Plain, ""),
        (BuffersMode::Disk, "doeu", Road::Disk, ""),
        (BuffersMode::Disk, "sdoeu", Road::Plain, ""),
        (BuffersMode::Save, "doeu", Road::Save, ""),
        (BuffersMode::Save, "dtoeu", Road::Save, ""),
        (BuffersMode::Save, "oeu", Road::Disk, ""),
        (BuffersMode::Save, "sdoeu", Road::Save, ""),
        (BuffersMode::Save, "soeu", Road::Plain, ""),
        (BuffersMode::Save, "sdou", Road::Plain, NO_SAVE),
        (BuffersMode::Save, "dou", Road::Wait, NO_SAVE),
        (BuffersMode::Save, "do", Road::Disk, NO_SAVE),
    ];
    const NO_OVERLAY: &str = "The command did not run on an overlay: no namespaces.";
    const NO_SAVE: &str = "Nothing was saved before the command ran: it cannot.";

    #[test]
    fn the_road_by_circumstances() {
        for (asked, holds, road, said) in ROADS {
            let is = |letter: char| holds.contains(letter);
            let case = Case {
                asked: *asked,
                safe: is('s'),
                dirty: is('d'),
                detached: is('t'),
                no_overlay: (!is('o')).then(|| "no namespaces".to_owned()),
                no_save: (!is('e')).then(|| "it cannot".to_owned()),
                user: is('u'),
            };
            let (chosen, note) = choose(&case);
            assert_eq!((chosen, note.unwrap_or_default().as_str()), (*road, *said), "{case:?}");
        }
    }
}
