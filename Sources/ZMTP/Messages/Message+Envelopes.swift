// Taking messages of any number of frames apart, and putting them together. What a peer sends may have fewer frames than
// expected: everything here returns nil then, where a subscript traps.

extension Message {
    /// The frame with this number, counted from 0; nil if the message has fewer.
    ///
    /// ```swift
    /// guard let amount = message.frame(1)?.decimal else { return }
    /// ```
    public func frame(_ number: Int) -> Frame? { number >= 0 && number < count ? self[number] : nil }

    /// The first `number` frames; nil if there are fewer, or if `number` is not positive.
    ///
    /// Small frames are copied next to each other; large ones are shared.
    public func prefix(_ number: Int) -> Message? {
        guard number > 0, number <= count else { return nil }
        guard number < count else { return self }
        var frames: [Frame] = []
        frames.reserveCapacity(number)
        for frame in self {
            guard frames.count < number else { break }
            frames.append(frame)
        }
        return Message(frames: frames)
    }

    /// The last `number` frames, by reference; nil if there are fewer, or if `number` is not positive.
    public func suffix(_ number: Int) -> Message? {
        number > 0 && number <= count ? dropFirst(count - number) : nil
    }

    /// The first `number` frames, and the others; nil if one of both would be empty.
    ///
    /// ```swift
    /// guard let (client, request) = message.split(envelope: 2) else { return }
    /// ```
    public func split(envelope number: Int) -> (envelope: Message, body: Message)? {
        guard let envelope = prefix(number), let body = dropFirst(number) else { return nil }
        return (envelope, body)
    }

    /// The frames up to and with the first empty one, and those behind it, as REQ and REP arrange them; nil if there is
    /// no empty frame, or nothing behind it.
    public func splitAtDelimiter() -> (envelope: Message, body: Message)? {
        var number = 0
        for frame in self {
            number += 1
            if frame.isEmpty { return split(envelope: number) }
        }
        return nil
    }

    /// Appends the frames of another message.
    ///
    /// Small frames are copied; large ones are shared.
    public mutating func append(contentsOf other: Message) {
        guard other.count > 1 else { return append(other[0]) }
        self = self + other
    }

    /// The frames of `left`, followed by those of `right`.
    ///
    /// ```swift
    /// _ = try router.send(envelope + body)
    /// ```
    public static func + (left: Message, right: Message) -> Message {
        var builder = MessageBuilder()
        for frame in left { builder.append(frame) }
        for frame in right { builder.append(frame) }
        return builder.message()
    }

    /// A message of one frame for each text, with a copy of its UTF-8 bytes.
    ///
    /// - Precondition: there is at least one text. A message without frames cannot be sent.
    public init(texts: some Collection<some StringProtocol>) {
        self.init(frames: texts.map { Frame($0) })
    }
}
