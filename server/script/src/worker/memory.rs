//! The engine's memory: taken from the system's allocator, counted so that its highest mark is known afterwards.
//! The engine itself keeps the limit.

use std::cell::Cell;
use std::rc::Rc;

use rquickjs::allocator::{Allocator, RustAllocator};

/// The most bytes that were in use at once.
pub type Peak = Rc<Cell<usize>>;

/// The allocator of one engine.
pub struct Counting {
    used: usize,
    peak: Peak,
}

impl Counting {
    /// An allocator, and where its highest mark can be read.
    pub fn new() -> (Counting, Peak) {
        let peak = Peak::default();
        (Counting { used: 0, peak: Rc::clone(&peak) }, peak)
    }

    /// Notes what was got; nothing when there was none to be had.
    fn got(&mut self, pointer: *mut u8) -> *mut u8 {
        if !pointer.is_null() {
            // SAFETY: just allocated by this allocator.
            self.used = self.used.saturating_add(unsafe { RustAllocator::usable_size(pointer) });
            self.peak.set(self.peak.get().max(self.used));
        }
        pointer
    }
}

// SAFETY: every method hands on to an allocator that keeps the promises of the trait, and changes nothing but a count.
unsafe impl Allocator for Counting {
    fn alloc(&mut self, size: usize) -> *mut u8 {
        let pointer = RustAllocator.alloc(size);
        self.got(pointer)
    }

    fn calloc(&mut self, count: usize, size: usize) -> *mut u8 {
        let pointer = RustAllocator.calloc(count, size);
        self.got(pointer)
    }

    unsafe fn dealloc(&mut self, ptr: *mut u8) {
        // SAFETY: as the caller promises.
        unsafe {
            self.used = self.used.saturating_sub(RustAllocator::usable_size(ptr));
            RustAllocator.dealloc(ptr);
        }
    }

    unsafe fn realloc(&mut self, ptr: *mut u8, new_size: usize) -> *mut u8 {
        if ptr.is_null() {
            return self.alloc(new_size);
        }
        // SAFETY: as the caller promises; a block that could not be moved stays what it was.
        let (before, moved) =
            unsafe { (RustAllocator::usable_size(ptr), RustAllocator.realloc(ptr, new_size)) };
        if !moved.is_null() {
            self.used = self.used.saturating_sub(before);
        }
        self.got(moved)
    }

    unsafe fn usable_size(ptr: *mut u8) -> usize {
        // SAFETY: as the caller promises.
        unsafe { RustAllocator::usable_size(ptr) }
    }
}
