//! Tests of the pure parts: policy, declarations, rendering.
