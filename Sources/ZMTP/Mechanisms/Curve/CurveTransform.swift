#if Curve
    // Traffic in CURVE: each frame is a MESSAGE of its own, whose box holds its flags and its body.
    //
    //     00 or 02 | size | 07 "MESSAGE" | number 8 | authenticator 16 | flags 1 | body
    //
    // The flags are 01 for a frame that is followed by another, and 02 for a command.
    //
    //   CU-1   The number rises with each frame; one that does not closes the connection.
    //   CU-6   So does a frame that does not open, and anything that is not a MESSAGE. There is no answer.
    //   CU-9   DEV-22: libzmq marks commands with 02, which the RFC does not have.
    //   CU-10  DEV-23: libzmq sends MESSAGE as a message, not as a command, and expects that. Either is accepted.
    //
    // The stream cipher's first block authenticates a frame with its first half, and encrypts with the second. On the
    // wire there are 32 bytes in front of what is encrypted, which is just the room for the first half: a frame is
    // encrypted in place, in one call, and decrypted where it has been read.

    internal import CSodium

    /// Encrypts and decrypts the frames of one connection.
    final class CurveTransform: MessageTransform {
        /// How much longer the body of a frame is than what it was.
        static let overhead = prefix + 1
        /// Name, number and authenticator.
        private static let prefix = 32
        private static let name: StaticString = "\u{07}MESSAGE"

        private let sealingKey: SecretBytes
        private let openingKey: SecretBytes
        /// The number of the last frame in each direction.
        private var sent: UInt64
        private var received: UInt64
        private let maxBodies: Int
        private let maxCommand: Int

        /// What is being sealed.
        private var pieces = FramePieces()

        /// The first block of a stream.
        private let block = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 16)
        /// Room for a header, the prefix and the flags, all zero.
        private static let zeros = [UInt8](repeating: 0, count: FrameHeader.longSize + overhead)

        init(_ key: SharedKey, _ role: Mechanism.Role, sent: UInt64, received: UInt64, _ limits: MessageLimits) {
            let client = key.streamKey(CurveNonceName.messageOfClient)
            let server = key.streamKey(CurveNonceName.messageOfServer)
            (sealingKey, openingKey) = role == .client ? (client, server) : (server, client)
            (self.sent, self.received) = (sent, received)
            maxBodies = limits.messageBytes
            maxCommand = max(limits.messageBytes, limits.commandBytes)
        }

        deinit {
            sodium_memzero(block, 64)
            block.deallocate()
        }

        // MARK: Sealing

        var sealsCommands: Bool { true }

        func restart() { pieces = FramePieces() }

        func seal(
            _ piece: UnsafeRawBufferPointer,
            to output: inout [UInt8],
            limit: Int,
            endOfMessage: (_ end: Int, _ size: Int) -> Void
        ) -> Bool {
            pieces.append(piece, to: &output, limit: limit, endOfMessage: endOfMessage) { header, body, output in
                seal(body, flags: header.isCommand ? 2 : header.flags & FrameHeader.more, to: &output)
            }
        }

        /// Appends a frame.
        private func seal(_ body: UnsafeRawBufferPointer, flags: UInt8, to output: inout [UInt8]) {
            let start = output.count
            let headerSize = FrameHeader.size(forBody: Self.overhead + body.count)
            Self.zeros.withUnsafeBytes { output.append(contentsOf: $0.part(0..<headerSize + Self.overhead)) }
            output.append(contentsOf: body)
            sent += 1
            output.withUnsafeMutableBytes { output in
                let frame = output.baseAddress! + start
                FrameHeader.write(bodySize: Self.overhead + body.count, to: frame)
                let prefix = frame + headerSize
                let box = prefix + Self.prefix
                box.storeBytes(of: flags, as: UInt8.self)
                let count = UInt64(body.count + 1)
                withUnsafeBytes(of: sent.bigEndian) { number in
                    sealingKey.withUnsafeBytes { key in
                        _ = crypto_stream_salsa20_xor(
                            prefix.unsignedBytes,
                            prefix.unsignedBytes,
                            UInt64(Self.prefix) + count,
                            number.unsignedBytes,
                            key.unsignedBytes
                        )
                    }
                    block.copyMemory(from: prefix, byteCount: Self.prefix)
                    prefix.copyMemory(from: Self.name.utf8Start, byteCount: 8)
                    (prefix + 8).copyMemory(from: number.baseAddress!, byteCount: 8)
                }
                let authenticator = (prefix + 16).unsignedBytes
                _ = crypto_onetimeauth_poly1305(authenticator, box.unsignedBytes, count, block.unsignedBytes)
            }
        }

        // MARK: Opening

        func open(_ input: inout Input, _ opened: inout OpenedInput, limit: Int) throws(ProtocolError) -> Int? {
            try openEach(&input, &opened, limit: limit) { input, opened throws(ProtocolError) in
                try openNext(&input, &opened)
            }
        }

        private func openNext(
            _ input: inout Input,
            _ opened: inout OpenedInput
        ) throws(ProtocolError) -> OpenedInput.Step {
            let at = opened.next(input)
            let available = input.end - at
            let header: FrameHeader
            switch try FrameHeader.decode(UnsafeRawPointer(input.base) + at, available: available) {
            case .needs(let size): return .needs(size)
            case .header(let whole): header = whole
            }
            guard !header.hasMore else { throw .illegalFlags(header.flags) }
            guard header.bodySize >= Self.overhead else { throw .notEncrypted }
            let prefix = input.base + at + header.size
            let size = header.bodySize - Self.overhead
            // Whether it is a command is known once it is open.
            guard size <= max(maxBodies - opened.bodies, maxCommand) else { throw .messageTooLarge(limit: maxBodies) }
            guard available < header.size + 8 || Self.isMessage(prefix) else { throw .notEncrypted }
            guard header.bodySize <= available - header.size else {
                return .needs(header.size.addingSaturated(header.bodySize))
            }
            let body = at + header.size + Self.overhead
            guard opened.takes(size, movedBy: opened.distance(of: body, size: size, input)) else { return .waits }
            try open(prefix, size: size)
            let flags = (prefix + Self.prefix).load(as: UInt8.self)
            guard flags <= 2 else { throw .illegalFlags(flags) }
            let isCommand = flags == 2
            opened.append(flags: isCommand ? FrameHeader.command : flags, body: body, size: size, &input)
            return .opened(hasMore: flags == FrameHeader.more)
        }

        private static func isMessage(_ body: UnsafeMutableRawPointer) -> Bool {
            let name = UnsafeRawPointer(name.utf8Start).loadUnaligned(as: UInt64.self)
            return UnsafeRawPointer(body).loadUnaligned(as: UInt64.self) == name
        }

        /// Decrypts the flags and the `size` bytes of body behind the prefix, in place.
        private func open(_ prefix: UnsafeMutableRawPointer, size: Int) throws(ProtocolError) {
            let number = UnsafeRawPointer(prefix) + 8
            let value = UInt64(bigEndian: number.loadUnaligned(as: UInt64.self))
            guard value > received else { throw .numberUsed }
            let box = prefix + Self.prefix
            let count = size + 1
            let isAuthentic = openingKey.withUnsafeBytes { key in
                _ = crypto_stream_salsa20(block.unsignedBytes, 64, number.unsignedBytes, key.unsignedBytes)
                guard
                    crypto_onetimeauth_poly1305_verify(
                        (prefix + 16).unsignedBytes,
                        box.unsignedBytes,
                        UInt64(count),
                        block.unsignedBytes
                    ) == 0
                else { return false }
                for index in 0..<min(count, 32) {
                    let byte = box.load(fromByteOffset: index, as: UInt8.self)
                    let mask = block.load(fromByteOffset: 32 + index, as: UInt8.self)
                    box.storeBytes(of: byte ^ mask, toByteOffset: index, as: UInt8.self)
                }
                guard count > 32 else { return true }
                _ = crypto_stream_salsa20_xor_ic(
                    (box + 32).unsignedBytes,
                    (box + 32).unsignedBytes,
                    UInt64(count - 32),
                    number.unsignedBytes,
                    1,
                    key.unsignedBytes
                )
                return true
            }
            guard isAuthentic else { throw .notAuthentic("a message") }
            received = value
        }
    }
#endif
