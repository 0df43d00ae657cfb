//! Encodings of the journal that its library does not provide.

/// A shared value is encoded as the value.
pub mod shared {
    use std::sync::Arc;

    use minicbor::decode::Error as DecodeError;
    use minicbor::encode::{Error as EncodeError, Write};
    use minicbor::{Decode, Decoder, Encode, Encoder};

    pub fn encode<C, T: Encode<C>, W: Write>(
        value: &Arc<T>,
        e: &mut Encoder<W>,
        context: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        value.as_ref().encode(e, context)
    }

    pub fn decode<'b, C, T: Decode<'b, C>>(
        d: &mut Decoder<'b>,
        context: &mut C,
    ) -> Result<Arc<T>, DecodeError> {
        T::decode(d, context).map(Arc::new)
    }
}

/// A 128-bit number is encoded as 16 bytes, big-endian.
pub mod wide {
    use minicbor::decode::Error as DecodeError;
    use minicbor::encode::{Error as EncodeError, Write};
    use minicbor::{Decoder, Encoder};

    pub fn encode<C, W: Write>(
        value: &u128,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        e.bytes(&value.to_be_bytes())?.ok()
    }

    pub fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<u128, DecodeError> {
        let bytes = d
            .bytes()?
            .try_into()
            .map_err(|_| DecodeError::message("a wide number has 16 bytes"))?;
        Ok(u128::from_be_bytes(bytes))
    }
}

/// A few values are encoded as an array.
pub mod few {
    use minicbor::decode::Error as DecodeError;
    use minicbor::encode::{Error as EncodeError, Write};
    use minicbor::{Decode, Decoder, Encode, Encoder};
    use smallvec::{Array, SmallVec};

    pub fn encode<C, A: Array<Item: Encode<C>>, W: Write>(
        values: &SmallVec<A>,
        e: &mut Encoder<W>,
        context: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        e.array(values.len() as u64)?;
        for value in values {
            value.encode(e, context)?;
        }
        Ok(())
    }

    pub fn decode<'b, C, A: Array<Item: Decode<'b, C>>>(
        d: &mut Decoder<'b>,
        context: &mut C,
    ) -> Result<SmallVec<A>, DecodeError> {
        d.array_iter_with(context)?.collect()
    }
}
