extension Message {
    /// A message with `frames` frames, given in wire form, before another one's.
    ///
    /// A small message is copied next to the prefix; a large one is shared.
    package init(prefix: UnsafeRawBufferPointer, frames: Int, _ message: Message) {
        let size = message.wireSize
        guard size > Chunk.Size.copied else {
            let chunk = Chunk(capacity: prefix.count + size)
            chunk.base.copyMemory(from: prefix.baseAddress!, byteCount: prefix.count)
            message.write(to: chunk.base + prefix.count)
            self.init(chunk: chunk, start: 0, end: chunk.capacity, frameCount: frames + message.count)
            return
        }
        let chunk = Chunk(capacity: prefix.count, followedBy: message.slices)
        chunk.base.copyMemory(from: prefix.baseAddress!, byteCount: prefix.count)
        self.init(chunk: chunk, start: 0, end: prefix.count, frameCount: frames + message.count)
    }
}
