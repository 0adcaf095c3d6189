//! The blocks of a Messages request: history's blocks as the wire writes them, with images where it takes them. Pure.

use crate::wire::history::Block;
use glossator_session::Image;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// Image types that the wire takes.
const IMAGE_TYPES: &[&str] = &["image/png", "image/jpeg", "image/gif", "image/webp"];
/// Longest image, in bytes of base64.
const MAX_IMAGE: usize = 5 << 20;

/// A block as it is sent.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum WireBlock<'a> {
    Raw(Box<RawValue>),
    Own(OwnBlock<'a>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum OwnBlock<'a> {
    Text {
        text: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<CacheControl>,
    },
    Image {
        source: ImageSource<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<CacheControl>,
    },
    ToolUse {
        id: String,
        name: String,
        input: Input<'a>,
    },
    ToolResult {
        tool_use_id: String,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        is_error: bool,
        content: Content<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<CacheControl>,
    },
}

/// What a tool gave back.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Content<'a> {
    Text(&'a str),
    Blocks(Vec<OwnBlock<'a>>),
}

impl Content<'_> {
    fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Blocks(blocks) => blocks.is_empty(),
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ImageSource<'a> {
    Base64 { media_type: &'a str, data: &'a str },
}

/// The wire takes objects only; a call whose arguments were none is told as it was.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Input<'a> {
    Object(&'a Value),
    Other { arguments: &'a Value },
}

#[derive(Serialize, Clone, Copy)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum CacheControl {
    Ephemeral,
}

/// The content of one message; `sees`: whether the model takes images. Results stand first, so that the images of failed
/// ones, which may not stand within them, come right after the last of them.
pub(super) fn content(blocks: Vec<Block<'_>>, sees: bool) -> Vec<WireBlock<'_>> {
    let mut content = Vec::with_capacity(blocks.len());
    let mut of_errors = Vec::new();
    for block in blocks {
        if !matches!(block, Block::Result { .. }) {
            content.append(&mut of_errors);
        }
        content.push(match block {
            Block::Raw(raw) => WireBlock::Raw(raw),
            Block::Text(text) => WireBlock::Own(self::text(text)),
            Block::Image(image) => WireBlock::Own(self::image(image, sees)),
            Block::Call { id, name, arguments } => {
                let input =
                    if arguments.is_object() { Input::Object(arguments) } else { Input::Other { arguments } };
                WireBlock::Own(OwnBlock::ToolUse { id, name, input })
            }
            Block::Result { id, text, images, is_error, .. } => {
                let images = images.iter().map(|image| self::image(image, sees));
                let content = if is_error {
                    of_errors.extend(images.map(WireBlock::Own));
                    Content::Text(text)
                } else {
                    result(text, images.collect())
                };
                WireBlock::Own(OwnBlock::ToolResult {
                    tool_use_id: id,
                    is_error,
                    content,
                    cache_control: None,
                })
            }
        });
    }
    content.append(&mut of_errors);
    content
}

/// A result with images is a list, in which no text may be empty.
fn result<'a>(text: &'a str, images: Vec<OwnBlock<'a>>) -> Content<'a> {
    if images.is_empty() {
        return Content::Text(text);
    }
    let words = (!text.trim().is_empty()).then(|| self::text(text));
    Content::Blocks(words.into_iter().chain(images).collect())
}

fn text(text: &str) -> OwnBlock<'_> {
    OwnBlock::Text { text, cache_control: None }
}

/// The image, or words in its place where it would be refused and the whole request with it.
fn image(image: &Image, sees: bool) -> OwnBlock<'_> {
    if !sees {
        return text("[An image was left out here: this model does not take images.]");
    }
    if !IMAGE_TYPES.contains(&image.media_type.as_str()) {
        return text("[An image was left out here: only PNG, JPEG, GIF and WebP can be sent.]");
    }
    if image.data.is_empty() {
        return text("[An image was left out here: it was empty.]");
    }
    if image.data.len() > MAX_IMAGE {
        return text(
            "[An image was left out here: it is larger than the 5 MB that can be sent. Make it smaller.]",
        );
    }
    let source = ImageSource::Base64 { media_type: &image.media_type, data: &image.data };
    OwnBlock::Image { source, cache_control: None }
}

/// Sets a cache mark on the last block that may carry one: never on empty text, never on a block of the provider's own.
pub(super) fn mark_last(blocks: &mut [WireBlock<'_>]) {
    let slot = blocks.iter_mut().rev().find_map(|block| match block {
        WireBlock::Own(OwnBlock::Text { text, cache_control }) if !text.is_empty() => Some(cache_control),
        WireBlock::Own(OwnBlock::Image { cache_control, .. }) => Some(cache_control),
        WireBlock::Own(OwnBlock::ToolResult { content, cache_control, .. }) if !content.is_empty() => {
            Some(cache_control)
        }
        _ => None,
    });
    if let Some(slot) = slot {
        *slot = Some(CacheControl::Ephemeral);
    }
}
