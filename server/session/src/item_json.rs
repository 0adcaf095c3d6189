//! Items from JSON text, fast: logs are read by the hundred megabytes. One pass where a line is as we write it; whatever is
//! not (other order of keys, kinds of newer versions, odd fields) goes the way of the derived form, which decides.

use crate::item::ChangeState;
use crate::{
    AgentId, Answer, Ask, CallId, ChangeSetId, ContextItem, Cost, InputPart, Item, ItemBody, ItemId,
    NoticeLevel, Raw, TaskState, ToolCall, ToolError, ToolOutput, TurnId, TurnStatus, Usage,
};
use serde::Deserialize;
use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer, StrDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, VariantAccess, Visitor,
};
use std::borrow::Cow;
use std::fmt;

impl Item {
    /// Reads one item.
    ///
    /// # Errors
    /// Text that is not JSON, or no item.
    pub fn from_json(text: &[u8]) -> Result<Item, serde_json::Error> {
        let mut json = serde_json::Deserializer::from_slice(text);
        let read = json.deserialize_map(Fast).and_then(|item| json.end().map(|()| item));
        read.or_else(|_| serde_json::from_slice(text))
    }
}

/// Kinds of [`ItemBody`] itself; its mirror [`Body`] has the same.
const BODIES: [&str; 12] = [
    "userMessage",
    "answer",
    "reasoning",
    "toolCall",
    "toolOutput",
    "script",
    "scriptOutput",
    "approval",
    "changeSet",
    "task",
    "notice",
    "turnEnded",
];

/// The fields of [`ItemBody`], read without looking for the kind among them. The compiler holds both alike.
#[derive(Deserialize)]
#[serde(remote = "ItemBody", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Body {
    UserMessage {
        input: Vec<InputPart>,
        #[serde(default)]
        to: Vec<AgentId>,
        #[serde(default)]
        queued: Option<u64>,
    },
    Answer {
        text: String,
        #[serde(default)]
        raw: Option<Raw>,
    },
    Reasoning {
        text: String,
        #[serde(default)]
        raw: Option<Raw>,
    },
    ToolCall {
        call: ToolCall,
        #[serde(default)]
        script: Option<CallId>,
    },
    ToolOutput {
        call: CallId,
        outcome: Result<ToolOutput, ToolError>,
        millis: u64,
    },
    Script {
        #[serde(rename = "script")]
        id: CallId,
        source: String,
    },
    ScriptOutput {
        script: CallId,
        text: String,
        ok: bool,
    },
    Approval {
        ask: Ask,
        answer: Answer,
    },
    ChangeSet {
        #[serde(rename = "changeSet")]
        id: ChangeSetId,
        state: ChangeState,
    },
    Task {
        #[serde(rename = "task")]
        id: CallId,
        state: TaskState,
    },
    Notice {
        level: NoticeLevel,
        text: String,
    },
    TurnEnded {
        status: TurnStatus,
        usage: Usage,
        #[serde(default)]
        cost: Option<Cost>,
        #[serde(default)]
        message: Option<String>,
    },
}

/// An item whose fields come in the order in which we write them: the kind last of those that all items have.
struct Fast;

impl<'de> Visitor<'de> for Fast {
    type Value = Item;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an item")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item, A::Error> {
        let (mut id, mut turn, mut round, mut at, mut agent) = (None, None, None, None, None);
        let kind = loop {
            let Some(Text(key)) = map.next_key()? else {
                return Err(A::Error::missing_field("kind"));
            };
            match key.as_ref() {
                "id" => once(&mut id, map.next_value::<ItemId>()?)?,
                "turn" => once(&mut turn, map.next_value::<TurnId>()?)?,
                "round" => once(&mut round, map.next_value::<u32>()?)?,
                "at" => once(&mut at, map.next_value::<i64>()?)?,
                "agent" => once(&mut agent, map.next_value::<Option<AgentId>>()?)?,
                "kind" => break map.next_value::<Text<'de>>()?.0,
                _ => return Err(A::Error::custom("the fields of the kind stand before it")),
            }
        };
        let map = Rest(map);
        let body = match BODIES.contains(&kind.as_ref()) {
            true => Body::deserialize(Fields { kind: &kind, map })?,
            false => {
                let tagged = Tagged { kind: Some(&kind), map };
                ItemBody::Context(ContextItem::deserialize(MapAccessDeserializer::new(tagged))?)
            }
        };
        Ok(Item {
            id: id.ok_or_else(|| A::Error::missing_field("id"))?,
            turn: turn.ok_or_else(|| A::Error::missing_field("turn"))?,
            round: round.ok_or_else(|| A::Error::missing_field("round"))?,
            at: at.ok_or_else(|| A::Error::missing_field("at"))?,
            agent: agent.flatten(),
            body,
        })
    }
}

fn once<T, E: Error>(place: &mut Option<T>, value: T) -> Result<(), E> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(E::custom("a field stands twice")),
    }
}

/// A string, not copied where it stands in the text as it is.
struct Text<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Read)
    }
}

/// The fields behind the kind; none of them may be one that all items have.
struct Rest<A>(A);

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Rest<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let Some(Text(key)) = self.0.next_key()? else {
            return Ok(None);
        };
        if matches!(key.as_ref(), "id" | "turn" | "round" | "at" | "agent" | "kind") {
            return Err(A::Error::custom("a field of all items stands behind the kind"));
        }
        match key {
            Cow::Borrowed(key) => seed.deserialize(BorrowedStrDeserializer::new(key)).map(Some),
            Cow::Owned(key) => seed.deserialize(StrDeserializer::new(&key)).map(Some),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.0.next_value_seed(seed)
    }
}

/// The fields behind the kind, and the kind before them.
struct Tagged<'a, A> {
    kind: Option<&'a str>,
    map: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Tagged<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        match self.kind {
            Some(_) => seed.deserialize(BorrowedStrDeserializer::new("kind")).map(Some),
            None => self.map.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        match self.kind.take() {
            Some(kind) => seed.deserialize(StrDeserializer::new(kind)),
            None => self.map.next_value_seed(seed),
        }
    }
}

/// An enum whose variant is known and whose fields are the rest of a map.
struct Fields<'a, A> {
    kind: &'a str,
    map: A,
}

impl<'de, A: MapAccess<'de>> Deserializer<'de> for Fields<'_, A> {
    type Error = A::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_enum(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de, A: MapAccess<'de>> EnumAccess<'de> for Fields<'_, A> {
    type Error = A::Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), A::Error> {
        Ok((seed.deserialize(StrDeserializer::new(self.kind))?, self))
    }
}

impl<'de, A: MapAccess<'de>> VariantAccess<'de> for Fields<'_, A> {
    type Error = A::Error;

    fn unit_variant(mut self) -> Result<(), A::Error> {
        while self.map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        seed.deserialize(MapAccessDeserializer::new(self.map))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, _visitor: V) -> Result<V::Value, A::Error> {
        Err(A::Error::custom("no item has a kind without names for its fields"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        visitor.visit_map(self.map)
    }
}
