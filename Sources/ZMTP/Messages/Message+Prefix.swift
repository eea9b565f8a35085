extension Message {
    /// A message with `frames` frames, given as they travel, in front of another one's.
    ///
    /// A small message is copied to where the prefix is; a large one stays where it is.
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
