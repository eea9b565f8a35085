#if Tracing
    import Tracing
    import ZMQReactor

    /// The first frame of a traced message: the trace's context, as the program's tracer writes it.
    ///
    /// On the wire: `ZTRC1`, and for each entry a line feed, its name, `=` and its value. Names have no `=`, and neither
    /// has line feeds. Both ends opt in: a receiver that does not know the frame sees it as a part of the message.
    ///
    /// A peer may send anything: a frame that is longer than 8 KiB, has more than 64 entries or another form is none, and
    /// the message is taken as it is.
    enum TraceFrame {
        private static let mark = "ZTRC1"
        private static let limit = (bytes: 8192, entries: 64)

        /// The message behind a frame with the context.
        static func add(_ context: ServiceContext, to message: Message, by tracer: some Tracer) -> Message {
            var carrier: [String: String] = [:]
            tracer.inject(context, into: &carrier, using: DictionaryInjector())
            let entries = carrier.filter {
                isSendable($0.key) && !$0.key.utf8.contains(UInt8(ascii: "=")) && isSendable($0.value)
            }
            var text = mark
            for (name, value) in entries.sorted(by: { $0.key < $1.key }) { text += "\n\(name)=\(value)" }
            guard text.utf8.count <= limit.bytes, entries.count <= limit.entries else { return message }
            var traced = message
            traced.prepend(Frame(text))
            return traced
        }

        private static func isSendable(_ text: String) -> Bool { !text.utf8.contains(UInt8(ascii: "\n")) }

        /// The context in a message, and the message without it; nil if there is none.
        static func split(_ message: Message, by tracer: some Tracer) -> (context: ServiceContext, message: Message)? {
            let frame = message[0]
            guard frame.count <= limit.bytes, frame.starts(with: mark.utf8), let rest = message.dropFirst() else {
                return nil
            }
            // As bytes: a line feed and `=` may be a part of a larger character.
            let lines = frame.string.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            guard lines[0].elementsEqual(mark.utf8), lines.count <= limit.entries + 1 else { return nil }
            var carrier: [String: String] = [:]
            for line in lines.dropFirst() {
                guard let end = line.firstIndex(of: UInt8(ascii: "=")) else { return nil }
                carrier[String(Substring(line[..<end]))] = String(Substring(line[line.index(after: end)...]))
            }
            var context = ServiceContext.topLevel
            tracer.extract(carrier, into: &context, using: DictionaryExtractor())
            return (context, rest)
        }
    }

    private struct DictionaryInjector: Injector {
        func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
    }

    private struct DictionaryExtractor: Extractor {
        func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
    }
#endif
