//! The content of a message: plain text, or parts with images and cache marks.

use glossator_session::Image;
use serde::Serialize;

/// What stands between two texts that become one.
const GAP: &str = "\n\n";

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Content<'a> {
    Text(String),
    Parts(Vec<WirePart<'a>>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum WirePart<'a> {
    Text {
        text: std::borrow::Cow<'a, str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<CacheControl>,
    },
    ImageUrl {
        image_url: ImageUrl,
    },
}

#[derive(Serialize)]
pub(super) struct ImageUrl {
    url: String,
}

#[derive(Serialize, Clone, Copy)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum CacheControl {
    Ephemeral,
}

impl<'a> WirePart<'a> {
    pub fn text(text: impl Into<std::borrow::Cow<'a, str>>) -> Self {
        Self::Text { text: text.into(), cache_control: None }
    }

    pub fn image(image: &Image) -> Self {
        let url = format!("data:{};base64,{}", image.media_type, image.data);
        Self::ImageUrl { image_url: ImageUrl { url } }
    }
}

impl<'a> Content<'a> {
    /// Parts as they are where they are wanted or needed (images), else one text, which every server takes.
    pub fn of(parts: Vec<WirePart<'a>>, as_parts: bool) -> Self {
        if as_parts || parts.iter().any(|part| matches!(part, WirePart::ImageUrl { .. })) {
            return Self::Parts(parts);
        }
        let texts: Vec<&str> = parts
            .iter()
            .filter_map(|part| match part {
                WirePart::Text { text, .. } => Some(text.as_ref()),
                WirePart::ImageUrl { .. } => None,
            })
            .collect();
        Self::Text(texts.join(GAP))
    }
}
