/// Sends only the bodies of a message's frames, one after another: for peers that do not speak ZMTP.
package final class BodiesTransform: SealingTransform {
    private var pieces = FramePieces()

    package init() {}

    package var sealsCommands: Bool { false }

    package func restart() { pieces = FramePieces() }

    package func seal(
        _ piece: UnsafeRawBufferPointer,
        to output: inout [UInt8],
        limit: Int,
        endOfMessage: (_ end: Int, _ size: Int) -> Void
    ) -> Bool {
        pieces.append(piece, to: &output, limit: limit, endOfMessage: endOfMessage) { _, body, output in
            output.append(contentsOf: body)
        }
    }
}
