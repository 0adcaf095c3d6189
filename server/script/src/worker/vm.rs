//! The engine of one script: QuickJS with the prelude in it, made ahead of need and used once.

use std::cell::RefCell;
use std::rc::Rc;

use rquickjs::context::EvalOptions;
use rquickjs::function::Func;
use rquickjs::{Context, Ctx, Function, Object, Persistent, Promise, Runtime};

use super::desk::{Desk, Finished};
use crate::Limits;

/// The name under which the engine knows the script.
pub const FILE: &str = "script.ts";
/// What stands before the script on its first line.
pub const PREFIX: &str = "(async()=>{";
const SUFFIX: &str = "\n})";
const PRELUDE: &str = include_str!("prelude.js");

/// Where the native functions find the desk, once there is one.
type Slot = Rc<RefCell<Option<Rc<Desk>>>>;

/// A ready engine.
pub struct Vm {
    runtime: Runtime,
    context: Context,
    prelude: Persistent<Object<'static>>,
    slot: Slot,
}

/// The prelude's functions, inside the engine.
pub struct Api<'js> {
    object: Object<'js>,
}

impl Vm {
    /// Makes an engine and runs the prelude in it.
    ///
    /// # Errors
    /// What the engine said, when it could not be made.
    pub fn prepare() -> Result<Vm, String> {
        let runtime = Runtime::new().map_err(|error| error.to_string())?;
        let context = Context::full(&runtime).map_err(|error| error.to_string())?;
        let slot = Slot::default();
        let prelude = context.with(|ctx| {
            let made = make(&ctx, &slot);
            made.map_err(|error| format!("{error}: {:?}", ctx.catch()))
        })?;
        Ok(Vm { runtime, context, prelude, slot })
    }

    /// Sets the bounds of the run that begins now, and watches over rejections.
    pub fn bound(&self, desk: &Rc<Desk>, limits: &Limits) {
        *self.slot.borrow_mut() = Some(Rc::clone(desk));
        self.runtime.set_memory_limit(limits.memory_bytes);
        self.runtime.set_max_stack_size(limits.stack_bytes);
        let watched = Rc::clone(desk);
        self.runtime
            .set_interrupt_handler(Some(Box::new(move || watched.clock.borrow_mut().check().is_some())));
        let prelude = self.prelude.clone();
        self.runtime.set_host_promise_rejection_tracker(Some(Box::new(
            move |ctx, promise, reason, handled| {
                let noted = prelude
                    .clone()
                    .restore(&ctx)
                    .and_then(|prelude| prelude.get::<_, Function>("track"))
                    .and_then(|track| track.call::<_, ()>((promise, reason, handled)));
                if noted.is_err() {
                    ctx.catch();
                }
            },
        )));
    }

    /// Does something inside the engine.
    pub fn with<R>(&self, work: impl for<'js> FnOnce(&Ctx<'js>, &Api<'js>) -> R) -> Result<R, String> {
        self.context.with(|ctx| {
            let object = self.prelude.clone().restore(&ctx).map_err(|error| error.to_string())?;
            Ok(work(&ctx, &Api { object }))
        })
    }
}

impl<'js> Api<'js> {
    fn function(&self, name: &str) -> rquickjs::Result<Function<'js>> {
        self.object.get(name)
    }

    /// Puts `tools` and `context` in place; both arguments are JSON.
    pub fn equip(&self, tools: String, context: String) -> rquickjs::Result<()> {
        self.function("equip")?.call((tools, context))
    }

    /// Begins the script; the promise only fails when not even its failure could be reported.
    pub fn start(&self, main: Function<'js>) -> rquickjs::Result<Promise<'js>> {
        self.function("start")?.call((main,))
    }

    /// Hands in the answer of a call; `json` is its value or its error.
    pub fn settle(&self, id: u32, ok: bool, json: &str) -> rquickjs::Result<()> {
        self.function("settle")?.call((id, ok, json))
    }

    /// Ends a sleep.
    pub fn wake(&self, id: u32) -> rquickjs::Result<()> {
        self.function("wake")?.call((id,))
    }

    /// The rejections nobody handled, as a JSON array of descriptions.
    pub fn unhandled(&self) -> rquickjs::Result<String> {
        self.function("unhandled")?.call(())
    }

    /// Takes the pending exception and describes it, as JSON.
    pub fn describe_pending(&self, ctx: &Ctx<'js>) -> rquickjs::Result<String> {
        let thrown = ctx.catch();
        self.function("describe")?.call((thrown,))
    }
}

/// Compiles the script into its main function.
pub fn compile<'js>(ctx: &Ctx<'js>, erased: &str) -> rquickjs::Result<Function<'js>> {
    let mut options = EvalOptions::default();
    options.filename = Some(FILE.to_owned());
    options.strict = true;
    ctx.eval_with_options(format!("{PREFIX}{erased}{SUFFIX}"), options)
}

fn make(ctx: &Ctx<'_>, slot: &Slot) -> rquickjs::Result<Persistent<Object<'static>>> {
    let mut options = EvalOptions::default();
    options.filename = Some("prelude.js".to_owned());
    let prelude: Function = ctx.eval_with_options(PRELUDE, options)?;
    let api: Object = prelude.call((native(ctx, slot)?,))?;
    Ok(Persistent::save(ctx, api))
}

/// The functions only the prelude sees.
fn native<'js>(ctx: &Ctx<'js>, slot: &Slot) -> rquickjs::Result<Object<'js>> {
    let native = Object::new(ctx.clone())?;
    let desk = Rc::clone(slot);
    native.set(
        "call",
        Func::from(move |name: String, args: String| at(&desk, |desk| desk.call(name, &args))),
    )?;
    let desk = Rc::clone(slot);
    native.set("sleep", Func::from(move |millis: f64| at(&desk, |desk| desk.sleep(millis))))?;
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
    Ok(native)
}

/// Asks the desk; before there is one nothing calls.
fn at<R: Default>(slot: &Slot, ask: impl FnOnce(&Desk) -> R) -> R {
    let desk = slot.borrow().clone();
    desk.map(|desk| ask(&desk)).unwrap_or_default()
}

fn finish(slot: &Slot, finished: Finished) {
    at(slot, |desk| *desk.finished.borrow_mut() = Some(finished));
}
