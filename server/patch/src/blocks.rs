//! What `@@` lines narrow a search to: the lines they name, and the blocks that those open.

use std::ops::Range;
use std::rc::Rc;

use crate::find::Search;
use crate::lines::PASSES;
use crate::view::View;

/// Where to look.
#[derive(Debug, Default)]
pub(crate) struct Narrowed {
    /// The lines that the last `@@` line names, in order.
    pub anchors: Vec<usize>,
    /// The lines below each of them, up to the end of its block: in order, none empty, none inside another.
    pub blocks: Vec<Range<usize>>,
}

/// An `@@` line that is not in the file (below those before it).
#[derive(Debug)]
pub(crate) struct NoContext<'a> {
    pub line: &'a str,
    pub below: Option<&'a str>,
}

impl Narrowed {
    pub(crate) fn in_block(&self, line: usize) -> bool {
        let next = self.blocks.partition_point(|block| block.start <= line);
        next.checked_sub(1).is_some_and(|at| self.blocks[at].contains(&line))
    }

    /// Whether one of the lines that the `@@` line names is in `lines`.
    pub(crate) fn names_one_of(&self, lines: Range<usize>) -> bool {
        let first = self.anchors.partition_point(|anchor| *anchor < lines.start);
        self.anchors.get(first).is_some_and(|anchor| *anchor < lines.end)
    }

    pub(crate) fn is_below(&self, line: usize) -> bool {
        self.anchors.first().is_some_and(|anchor| line > *anchor)
    }
}

/// What the last `@@` lines that were followed in a text came to: the next chunk may stand under the same.
#[derive(Debug, Default)]
pub(crate) struct Last(Option<(Vec<String>, Rc<Narrowed>)>);

impl Last {
    /// As [`narrow`].
    pub(crate) fn narrow<'a>(
        &mut self,
        view: &View<'_>,
        context: &'a [String],
    ) -> Result<Option<Rc<Narrowed>>, NoContext<'a>> {
        if let Some((followed, narrowed)) = &self.0
            && followed == context
        {
            return Ok(Some(narrowed.clone()));
        }
        let narrowed = narrow(view, context)?.map(Rc::new);
        self.0 = narrowed.clone().map(|narrowed| (context.to_vec(), narrowed));
        Ok(narrowed)
    }
}

/// Follows the `@@` lines, outermost first. `None` without any.
pub(crate) fn narrow<'a>(view: &View<'_>, context: &'a [String]) -> Result<Option<Narrowed>, NoContext<'a>> {
    let mut narrowed: Option<Narrowed> = None;
    for (step, line) in context.iter().enumerate() {
        let anchors = anchors(view, line, narrowed.as_ref());
        if anchors.is_empty() {
            return Err(NoContext { line, below: step.checked_sub(1).map(|step| context[step].as_str()) });
        }
        let mut blocks: Vec<Range<usize>> = Vec::new();
        for anchor in &anchors {
            let block = anchor + 1..view.block_end(*anchor);
            // Blocks nest or follow each other; a nested one adds nothing.
            if !block.is_empty() && blocks.last().is_none_or(|last| block.end > last.end) {
                blocks.push(block);
            }
        }
        narrowed = Some(Narrowed { anchors, blocks });
    }
    Ok(narrowed)
}

/// The lines that `wanted` names: within the blocks if there are any, else anywhere below; equal lines before lines
/// that only hold it.
fn anchors(view: &View<'_>, wanted: &str, within: Option<&Narrowed>) -> Vec<usize> {
    let lines = [wanted];
    let search = Search::new(view, &lines);
    let holds = |place: &dyn Fn(usize) -> bool| {
        let equal = PASSES.into_iter().map(|pass| keep(search.find(pass), place));
        let part = std::iter::once_with(|| keep(view.lines_with(wanted), place));
        equal.chain(part).find(|found| !found.is_empty()).unwrap_or_default()
    };
    let Some(within) = within else {
        return holds(&|_| true);
    };
    let found = holds(&|line| within.in_block(line));
    if found.is_empty() { holds(&|line| within.is_below(line)) } else { found }
}

fn keep(found: Vec<usize>, place: &dyn Fn(usize) -> bool) -> Vec<usize> {
    found.into_iter().filter(|line| place(*line)).collect()
}
