//! The native functions that only the prelude sees: the engine's side of the desk, and texts as bytes.
//! A script never gets hold of one of them. Texts must come well-formed.

use std::cell::RefCell;
use std::rc::Rc;

use rquickjs::function::Func;
use rquickjs::{ArrayBuffer, Ctx, Object};

use super::desk::{Desk, Finished};
use super::numbers::Numbers;
use super::url;

/// Where the native functions find the desk, once there is one.
pub type Slot = Rc<RefCell<Option<Rc<Desk>>>>;

/// All of them.
pub fn functions<'js>(ctx: &Ctx<'js>, slot: &Slot) -> rquickjs::Result<Object<'js>> {
    let native = Object::new(ctx.clone())?;
    let desk = Rc::clone(slot);
    native
        .set("call", Func::from(move |name: String, args: String| at(&desk, |desk| desk.call(name, args))))?;
    let desk = Rc::clone(slot);
    native.set(
        "sleep",
        Func::from(move |millis: f64| at(&desk, |desk| desk.timers.borrow_mut().start(millis))),
    )?;
    let desk = Rc::clone(slot);
    native.set(
        "console",
        Func::from(move |level: String, text: String| at(&desk, |desk| desk.console(level, text))),
    )?;
    let desk = Rc::clone(slot);
    native.set("progress", Func::from(move |text: String| at(&desk, |desk| desk.progress(text))))?;
    let desk = Rc::clone(slot);
    native.set("nearest", Func::from(move |name: String| at(&desk, |desk| desk.nearest(&name))))?;
    let desk = Rc::clone(slot);
    native.set("done", Func::from(move |json: String| finish(&desk, Finished::Value(json))))?;
    let desk = Rc::clone(slot);
    native.set("fail", Func::from(move |json: String| finish(&desk, Finished::Error(json))))?;
    texts(&native, slot)?;
    store(&native, slot)?;
    let numbers = Numbers::default();
    native.set("random", Func::from(move || numbers.next()))?;
    native.set("encode", Func::from(encode))?;
    native.set("decode", Func::from(decode))?;
    native.set("url", Func::from(url::parse))?;
    native.set("urlWith", Func::from(url::with))?;
    native.set("pairs", Func::from(|text: String| url::pairs(&text)))?;
    native.set("query", Func::from(|json: String| url::query(&json)))?;
    Ok(native)
}

/// What belongs to the run.
fn texts(native: &Object<'_>, slot: &Slot) -> rquickjs::Result<()> {
    let desk = Rc::clone(slot);
    native.set("id", Func::from(move || at(&desk, |desk| desk.texts.id.clone())))?;
    let desk = Rc::clone(slot);
    native.set("mostCalls", Func::from(move || at(&desk, |desk| desk.limits.calls)))?;
    let desk = Rc::clone(slot);
    native.set("tools", Func::from(move || at(&desk, |desk| desk.texts.tools.clone())))?;
    let desk = Rc::clone(slot);
    native.set("tasks", Func::from(move || at(&desk, |desk| desk.texts.tasks.clone())))?;
    let desk = Rc::clone(slot);
    native.set("context", Func::from(move || at(&desk, |desk| desk.texts.context.clone())))
}

/// `store`.
fn store(native: &Object<'_>, slot: &Slot) -> rquickjs::Result<()> {
    let desk = Rc::clone(slot);
    native.set("stored", Func::from(move |key: String| at(&desk, |desk| desk.stored(&key))))?;
    let desk = Rc::clone(slot);
    native.set("storedKeys", Func::from(move || at(&desk, Desk::stored_keys)))?;
    let desk = Rc::clone(slot);
    native
        .set("store", Func::from(move |key: String, json: String| at(&desk, |desk| desk.store(key, json))))?;
    let desk = Rc::clone(slot);
    native.set("unstore", Func::from(move |key: String| at(&desk, |desk| desk.unstore(key))))
}

/// Asks the desk; before there is one nothing calls.
fn at<R: Default>(slot: &Slot, ask: impl FnOnce(&Desk) -> R) -> R {
    let desk = slot.borrow().clone();
    desk.map(|desk| ask(&desk)).unwrap_or_default()
}

fn finish(slot: &Slot, finished: Finished) {
    at(slot, |desk| *desk.finished.borrow_mut() = Some(finished));
}

/// A text as UTF-8, in memory that counts as the script's.
fn encode<'js>(ctx: Ctx<'js>, text: String) -> rquickjs::Result<ArrayBuffer<'js>> {
    ArrayBuffer::new_copy(ctx, text.as_bytes())
}

/// Part of a buffer as a text; nothing when `fatal` and it is not UTF-8, or when there is no such part.
fn decode(buffer: ArrayBuffer<'_>, start: usize, length: usize, fatal: bool) -> Option<String> {
    // SAFETY: no script runs until this function returns, and the text it returns is a copy.
    let bytes = unsafe { buffer.as_bytes() }?;
    let bytes = bytes.get(start..start.checked_add(length)?)?;
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.to_owned()),
        Err(_) if fatal => None,
        Err(_) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}
