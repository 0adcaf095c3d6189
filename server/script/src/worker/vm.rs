//! The engine of one script: QuickJS with the prelude in it, made ahead of need and used once.

use std::rc::Rc;

use rquickjs::context::EvalOptions;
use rquickjs::{Context, Ctx, Function, Object, Persistent, Promise, Runtime, Value};

use super::desk::Desk;
use super::memory::{Counting, Peak};
use super::native::{self, Slot};

/// The name under which the engine knows the script.
pub const FILE: &str = "script.ts";
/// What stands before the script on its first line.
pub const PREFIX: &str = "(async()=>{";
const SUFFIX: &str = "\n})";
/// The prelude, in the order its parts build on each other: each a function of the native functions and of what the
/// parts before have made.
const PRELUDE: &[(&str, &str)] = &[
    ("prelude/harden.js", include_str!("prelude/harden.js")),
    ("prelude/values.js", include_str!("prelude/values.js")),
    ("prelude/errors.js", include_str!("prelude/errors.js")),
    ("prelude/url.js", include_str!("prelude/url.js")),
    ("prelude/clone.js", include_str!("prelude/clone.js")),
    ("prelude/encoding.js", include_str!("prelude/encoding.js")),
    ("prelude/tools.js", include_str!("prelude/tools.js")),
    ("prelude/globals.js", include_str!("prelude/globals.js")),
];

/// A ready engine.
pub struct Vm {
    runtime: Runtime,
    context: Context,
    prelude: Persistent<Object<'static>>,
    slot: Slot,
    peak: Peak,
}

/// The prelude's functions, inside the engine.
pub struct Api<'js> {
    pub ctx: Ctx<'js>,
    start: Function<'js>,
    settle: Function<'js>,
    wake: Function<'js>,
    unhandled: Function<'js>,
    describe: Function<'js>,
}

/// What came of a call.
pub enum Answer<'js> {
    /// Its value.
    Value(Value<'js>),
    /// Its error, as the host describes it.
    Error(Value<'js>),
    /// What the engine threw when it read the answer.
    Thrown(Value<'js>),
}

impl Vm {
    /// Makes an engine and runs the prelude in it.
    ///
    /// # Errors
    /// What the engine said, when it could not be made.
    pub fn prepare() -> Result<Vm, String> {
        let (memory, peak) = Counting::new();
        let runtime = Runtime::new_with_alloc(memory).map_err(|error| error.to_string())?;
        let context = Context::full(&runtime).map_err(|error| error.to_string())?;
        let slot = Slot::default();
        let prelude = context.with(|ctx| {
            let made = make(&ctx, &slot);
            made.map_err(|error| format!("{error}: {:?}", ctx.catch()))
        })?;
        Ok(Vm { runtime, context, prelude, slot, peak })
    }

    /// Sets the bounds of the run that begins now, and watches over rejections.
    pub fn bound(&self, desk: &Rc<Desk>) {
        *self.slot.borrow_mut() = Some(Rc::clone(desk));
        self.runtime.set_memory_limit(desk.limits.memory_bytes);
        self.runtime.set_max_stack_size(desk.limits.stack_bytes);
        let watched = Rc::clone(desk);
        self.runtime.set_interrupt_handler(Some(Box::new(move || watched.interrupt())));
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

    /// Whether the heap is nearly full. Walks all of it, and must not be asked from inside the engine.
    pub fn is_full(&self) -> bool {
        let usage = self.runtime.memory_usage();
        usage.malloc_size.saturating_mul(4) > usage.malloc_limit.saturating_mul(3)
    }

    /// Whether at some time half of `limit` was in use: less than that no script meets it by small steps. When the heap
    /// is full the engine counts more than it uses, for each thing it holds; and what filled it may be gone by now.
    pub fn was_full(&self, limit: usize) -> bool {
        self.peak.get() >= limit / 2
    }

    /// Does something inside the engine.
    ///
    /// # Errors
    /// What the engine said, when the prelude is not what it was.
    pub fn with<R>(&self, work: impl for<'js> FnOnce(&Ctx<'js>, &Api<'js>) -> R) -> Result<R, String> {
        self.context.with(|ctx| {
            let api = self.prelude.clone().restore(&ctx).and_then(|prelude| Api::of(&prelude));
            Ok(work(&ctx, &api.map_err(|error| error.to_string())?))
        })
    }
}

impl<'js> Api<'js> {
    fn of(prelude: &Object<'js>) -> rquickjs::Result<Api<'js>> {
        Ok(Api {
            ctx: prelude.ctx().clone(),
            start: prelude.get("start")?,
            settle: prelude.get("settle")?,
            wake: prelude.get("wake")?,
            unhandled: prelude.get("unhandled")?,
            describe: prelude.get("describe")?,
        })
    }

    /// Begins the script; the promise only fails when not even its failure could be reported.
    pub fn start(&self, main: Function<'js>) -> rquickjs::Result<Promise<'js>> {
        self.start.call((main,))
    }

    /// Hands in the answer of a call.
    pub fn settle(&self, id: u32, answer: Answer<'js>) -> rquickjs::Result<()> {
        match answer {
            Answer::Value(value) => self.settle.call((id, 0, value)),
            Answer::Error(error) => self.settle.call((id, 1, error)),
            Answer::Thrown(thrown) => self.settle.call((id, 2, thrown)),
        }
    }

    /// Ends a sleep.
    pub fn wake(&self, id: u32) -> rquickjs::Result<()> {
        self.wake.call((id,))
    }

    /// The rejections nobody handled, as a JSON array of descriptions.
    pub fn unhandled(&self) -> rquickjs::Result<String> {
        self.unhandled.call(())
    }

    /// Takes the pending exception and describes it, as JSON.
    pub fn describe_pending(&self, ctx: &Ctx<'js>) -> rquickjs::Result<String> {
        let thrown = ctx.catch();
        self.describe.call((thrown,))
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
    let native = native::functions(ctx, slot)?;
    let kit = Object::new(ctx.clone())?;
    for (name, text) in PRELUDE {
        let mut options = EvalOptions::default();
        options.filename = Some((*name).to_owned());
        let part: Function = ctx.eval_with_options(*text, options)?;
        part.call::<_, ()>((native.clone(), kit.clone()))?;
    }
    Ok(Persistent::save(ctx, kit))
}

#[cfg(test)]
mod tests {
    use super::{Vm, compile};

    #[test]
    fn an_engine_is_made_ahead_and_compiles() {
        let vm = Vm::prepare().unwrap();
        let check = |text: &str| vm.with(|ctx, _| compile(ctx, text).is_ok());
        assert_eq!((check("return await 1"), check("return (")), (Ok(true), Ok(false)));
        // As in a worker: what a run leaves in the engine is never freed.
        std::mem::forget(vm);
    }
}
